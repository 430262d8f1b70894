-- What all projects of a tenant together may have, and how many requests its callers may make; null: there is no limit. Events
-- tell the other services of each change. Not in request_limit, because a replica of an earlier version reads that table and
-- knows only the limits of projects and tokens.
create table tenant_limit (
    tenant              text   primary key,
    max_images          bigint,
    max_bytes           bigint,
    -- To one replica.
    requests_per_second double precision,
    -- Increases by one with every change.
    revision            bigint not null
);
