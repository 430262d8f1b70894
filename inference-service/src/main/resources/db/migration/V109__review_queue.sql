-- The review queue reads those of the last days that nothing was decided about.
create index prediction_to_review on prediction (project_id, id) where outcome is null and reviewed_at is null;

-- Old windows are deleted by their age.
create index drift_window_ended on drift_window (ended_at);
