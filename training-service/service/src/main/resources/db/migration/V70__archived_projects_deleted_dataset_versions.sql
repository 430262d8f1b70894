-- Whether the project takes no new runs.
alter table project add column archived boolean not null default false;
-- A dataset version that was deleted. Its row remains: an event about it that comes again changes nothing.
alter table dataset_version add column deleted_at timestamptz;
