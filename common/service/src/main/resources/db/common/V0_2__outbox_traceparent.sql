-- The trace in which the event was written (W3C); null: in none.
alter table outbox add column traceparent text;
