-- Limits of requests of projects and API tokens, by their ids. Events tell the other services of each change.
create table request_limit (
    id                  uuid   primary key,
    kind                text   not null check (kind in ('PROJECT', 'TOKEN')),
    -- To one replica; null: the default of the configuration.
    requests_per_second double precision,
    -- Increases by one with every change.
    revision            bigint not null
);

-- What a project may have; null: the default of the configuration.
create table storage_limit (
    project_id uuid primary key references project on delete cascade,
    max_images bigint,
    max_bytes  bigint
);
-- The images and the bytes of a project are counted from this index alone.
create index image_usage on image (project_id) include (size);
