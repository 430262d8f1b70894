-- The trace in which an event was written (W3C); null: in none. Repeatable, because it comes after a service's own 1, 2, 3.
alter table outbox add column if not exists traceparent text;
