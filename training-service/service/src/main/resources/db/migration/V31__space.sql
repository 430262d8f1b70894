-- Attempts that are not charged to the run: its trainer's disk was full.
alter table run add column uncharged integer not null default 0;
-- When a run that waits for space takes its place in the queue; null: it does not wait for that.
alter table run add column not_before timestamptz;

drop index run_waiting;
create index run_waiting on run (id) where state = 'QUEUED' and (attempt = 0 or not_before is not null);
