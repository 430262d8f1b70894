-- Number of the newest version that the project has had: numbers of deleted versions are not used again.
alter table project add column last_version integer not null default 0;
update project p set last_version = coalesce((select max(number) from dataset_version where project_id = p.id), 0);

-- Deleted versions whose manifests are still to be removed from object storage.
create table deleted_version (
    project_id uuid        not null,
    number     integer     not null,
    deleted_at timestamptz not null default now(),
    primary key (project_id, number)
);
