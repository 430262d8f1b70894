-- A project that has model versions.
create table model (
    project_id uuid        primary key,
    name       text        not null unique,
    task       text        not null,
    created_at timestamptz not null default now()
);

-- What a training run produced: immutable, numbered within the project, one for each run.
create table model_version (
    project_id         uuid        not null references model,
    number             integer     not null check (number > 0),
    run_id             uuid        not null unique,
    bucket             text        not null,
    manifest_key       text        not null,
    manifest_sha256    text        not null,
    dataset_version_id text        not null,
    dataset_version    integer     not null,
    test_digest        text        not null,
    metrics            jsonb       not null,
    recipe             text        not null,
    backbone           text        not null,
    created_at         timestamptz not null default now(),
    primary key (project_id, number)
);

-- Where a name points at the moment. A move names the generation that it replaces.
create table alias (
    project_id uuid   not null,
    name       text   not null,
    version    integer not null,
    generation bigint not null check (generation > 0),
    primary key (project_id, name),
    foreign key (project_id, version) references model_version
);

-- Every move of an alias: generations follow each other without a gap or a branch.
create table alias_move (
    project_id       uuid        not null,
    alias            text        not null,
    generation       bigint      not null,
    version          integer     not null,
    previous_version integer,
    -- The generation that a rollback from here goes back to; null: there is none.
    back_to          bigint,
    kind             text        not null check (kind in ('PROMOTION', 'ROLLBACK')),
    gate             text        not null,
    gate_detail      text        not null,
    reason           text,
    actor            text        not null,
    moved_at         timestamptz not null default now(),
    primary key (project_id, alias, generation),
    foreign key (project_id, alias) references alias,
    foreign key (project_id, version) references model_version
);
