-- Limits of requests of projects and API tokens, by their ids, as dataset-service reports them.
create table request_limit (
    id                  uuid   primary key,
    kind                text   not null check (kind in ('PROJECT', 'TOKEN')),
    -- To one replica; null: the default of the configuration.
    requests_per_second double precision,
    -- Increases by one with every change.
    revision            bigint not null
);
