-- The trace (W3C traceparent) in which the run was asked for; null: in none.
alter table run add column traceparent text;
-- The trace (W3C traceparent) in which an event was written; null: in none.
alter table outbox add column traceparent text;
