-- Values of metrics that trainers measured, one row for each value. Of a long run only each metric_stride-th step is kept.
create table metric_value (
    run_id  uuid             not null references run on delete cascade,
    name    text             not null,
    attempt integer          not null,
    phase   text             not null,
    step    bigint           not null,
    at      timestamptz      not null,
    value   double precision not null,
    primary key (run_id, name, attempt, phase, step)
);
alter table run add column metric_stride bigint not null default 1 check (metric_stride > 0);
