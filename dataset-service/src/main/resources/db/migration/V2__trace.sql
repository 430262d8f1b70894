-- The trace (W3C traceparent) in which an event was written; null: in none.
alter table outbox add column traceparent text;
