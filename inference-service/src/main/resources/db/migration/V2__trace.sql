-- The trace (W3C traceparent) of the run that made the version; null: of none.
alter table model_version add column traceparent text;
