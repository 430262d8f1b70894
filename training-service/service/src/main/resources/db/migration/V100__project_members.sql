-- Members of projects, as dataset-service reports them: all members of a project change together.
create table project_member (
    project_id uuid not null,
    kind       text not null check (kind in ('PERSON', 'GROUP')),
    name       text not null,
    role       text not null,
    primary key (project_id, kind, name)
);
create table project_members_revision (
    project_id uuid   primary key,
    -- Increases by one with every change of the project's members.
    revision   bigint not null
);
