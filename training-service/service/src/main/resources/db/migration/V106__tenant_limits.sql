-- How many requests the callers of a tenant may make, as dataset-service reports it.
create table tenant_limit (
    tenant              text   primary key,
    -- To one replica; null: there is no limit.
    requests_per_second double precision,
    -- Increases by one with every change.
    revision            bigint not null
);
