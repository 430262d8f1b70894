-- The larger, the sooner.
alter table run add column priority smallint not null default 0 check (priority between -100 and 100);
-- That its trainer asks for, as resolved when it was submitted.
alter table run add column gpus integer not null default 0 check (gpus >= 0);

create index run_waiting on run (id) where state = 'QUEUED' and attempt = 0;
create index run_ended on run (finished_at desc) where state = 'SUCCEEDED';

-- What projects may have at the same time. By name: a quota may be set before anything is frozen.
create table quota (
    project  text             primary key,
    max_runs integer          check (max_runs >= 0),
    max_gpus integer          check (max_gpus >= 0),
    weight   double precision not null check (weight > 0)
);
