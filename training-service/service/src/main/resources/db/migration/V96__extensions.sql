-- A run trains a model, evaluates one that another run has made, imports one that was trained elsewhere, or extends the
-- memory of one.
alter table run drop constraint run_kind_check;
alter table run add constraint run_kind_check check (kind in ('TRAINING', 'EVALUATION', 'IMPORT', 'EXTENSION'));

-- The model that a run of the kind EXTENSION extends. The run that made it may be deleted after that.
create table extension (
    run_id            uuid primary key references run on delete cascade,
    model_run_id      uuid not null,
    package_key       text not null,
    package_sha256    text not null,
    -- the dataset version with the images
    images_version_id uuid not null references dataset_version,
    -- SHA-256 of the images that it learns from
    images            text[] not null
);
create index extension_by_model on extension (model_run_id);
create index extension_by_images_version on extension (images_version_id);
