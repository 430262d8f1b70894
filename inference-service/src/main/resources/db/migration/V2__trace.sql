-- The trace (W3C traceparent) of the run that made the version; null: of none.
alter table model_version add column traceparent text;
-- The trace (W3C traceparent) in which an event was written; null: in none.
alter table outbox add column traceparent text;
