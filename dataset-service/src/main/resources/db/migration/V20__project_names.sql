-- Grows with every change that other services hear of.
alter table project add column revision bigint not null default 0;

-- Names that a project had before: they lead to it, and no other project gets them.
create table project_former_name (
    name       text primary key,
    project_id uuid not null references project on delete cascade
);

-- Projects whose objects are still to be removed from object storage.
create table deleted_project (
    id         uuid        primary key,
    deleted_at timestamptz not null default now()
);
