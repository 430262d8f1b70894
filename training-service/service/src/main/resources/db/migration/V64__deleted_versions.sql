-- The model version that inference-service made of the run's package; null: none is known.
alter table run add column model_version integer;
alter table run add column version_deleted boolean not null default false;
-- Whether the package of a deleted version is still to be deleted.
alter table run add column package_to_delete boolean not null default false;
