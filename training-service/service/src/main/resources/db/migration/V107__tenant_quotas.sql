-- What the trainers of all projects of a tenant together may hold; null: there is no limit.
create table tenant_quota (
    tenant   text primary key,
    max_runs integer,
    max_gpus integer
);
