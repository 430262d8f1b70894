-- What this service has heard of projects beyond their model packages: renames and deletions.
create table project (
    id       uuid    primary key,
    name     text    not null,
    revision bigint  not null,
    -- kept after its model is removed, so that late events of it change nothing
    deleted  boolean not null default false
);

-- Names that a project had before: its model answers to them too.
create table project_former_name (
    name       text primary key,
    project_id uuid not null references project
);
