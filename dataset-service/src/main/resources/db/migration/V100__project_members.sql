-- Members of projects: persons and groups of the OpenID Connect provider with a role in a project. dataset-service changes
-- them; the other services learn them from its events.
create table project_member (
    project_id uuid not null references project on delete cascade,
    kind       text not null check (kind in ('PERSON', 'GROUP')),
    name       text not null,
    role       text not null,
    primary key (project_id, kind, name)
);
create table project_members_revision (
    project_id uuid   primary key references project on delete cascade,
    -- Increases by one with every change of the project's members.
    revision   bigint not null
);
