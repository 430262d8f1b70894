-- Versions that stay in the memory of each replica.
create table version_pin (
    project_id uuid        not null,
    number     integer     not null,
    actor      text        not null,
    pinned_at  timestamptz not null default now(),
    primary key (project_id, number),
    foreign key (project_id, number) references model_version on delete cascade
);
