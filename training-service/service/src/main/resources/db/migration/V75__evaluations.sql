-- A run trains a model, or evaluates one that another run has trained.
alter table run add column kind text not null default 'TRAINING' check (kind in ('TRAINING', 'EVALUATION'));

-- The model that a run of the kind EVALUATION evaluates. The run that trained it may be deleted after that.
create table evaluation (
    run_id         uuid primary key references run on delete cascade,
    model_run_id   uuid not null,
    package_key    text not null,
    package_sha256 text not null,
    -- TEST images of the evaluation that the model has learned from, or was chosen on
    known_images   integer not null
);
create index evaluation_by_model on evaluation (model_run_id);
