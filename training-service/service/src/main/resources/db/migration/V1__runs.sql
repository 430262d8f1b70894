-- Dataset versions that this service has heard of.
create table dataset_version (
    id              uuid        primary key,
    project_id      uuid        not null,
    project_name    text        not null,
    task            text        not null,
    number          integer     not null,
    manifest_bucket text        not null,
    manifest_key    text        not null,
    manifest_sha256 text        not null,
    train_images    integer     not null,
    dev_images      integer     not null,
    test_images     integer     not null,
    classes         text[]      not null,
    test_digest     text        not null,
    unique (project_id, number)
);
create index dataset_version_by_name on dataset_version (project_name, number);

-- Imported backbones: a name never comes to mean another file.
create table backbone (
    name         text        primary key,
    sha256       text        not null,
    size         bigint      not null,
    scale        real        not null,
    mean         real[]      not null,
    std          real[]      not null,
    feature_maps jsonb       not null,
    pooled       jsonb,
    created_at   timestamptz not null default now()
);

create table run (
    id                 uuid        primary key,
    dataset_version_id uuid        not null references dataset_version,
    recipe             jsonb       not null,
    seed               bigint      not null,
    register           boolean     not null,
    state              text        not null default 'QUEUED'
        check (state in ('QUEUED', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    reason             text,
    -- 0 while no attempt was made
    attempt            integer     not null default 0,
    -- of the newest report of this attempt
    report_sequence    bigint      not null default 0,
    progress           jsonb,
    metrics            jsonb       not null default '{}',
    train_seconds      double precision,
    resumed_from       text,
    -- grows with every change that a watcher sees
    revision           bigint      not null default 0,
    created_at         timestamptz not null default now(),
    started_at         timestamptz,
    finished_at        timestamptz
);
create index run_unfinished on run (id) where state in ('QUEUED', 'STARTING', 'RUNNING');
create index run_by_dataset on run (dataset_version_id);

create table attempt (
    run_id     uuid        not null references run,
    number     integer     not null,
    -- It allows nothing but to report this attempt's progress. Kept readable, so that an attempt whose launch was cut
    -- short can be launched again with the same token.
    token      text        not null,
    -- null while it goes on; else how it ended, in the service's words
    ended      text,
    -- whether its job has been stopped and what the job held has been given back
    discarded  boolean     not null default false,
    created_at timestamptz not null default now(),
    ended_at   timestamptz,
    primary key (run_id, number)
);
create index attempt_to_discard on attempt (run_id, number) where not discarded;
