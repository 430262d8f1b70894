-- Classifiers that were trained elsewhere. The file is imported-models/<id>.onnx in object storage.
create table imported_model (
    id         uuid        primary key,
    project_id uuid        not null,
    name       text        not null,
    sha256     text        not null,
    size       bigint      not null,
    -- in the order of the outputs
    labels     text[]      not null,
    -- null: that of the input
    input_size integer,
    -- null: the only one of the shape [n, labels]
    output     text,
    scale      real        not null,
    mean       real[]      not null,
    std        real[]      not null,
    -- what the validation found
    width      integer     not null,
    height     integer     not null,
    layout     text        not null,
    scores     text        not null,
    created_at timestamptz not null default now(),
    unique (project_id, name)
);

-- A run trains a model, evaluates one that another run has made, or imports one that was trained elsewhere.
alter table run drop constraint run_kind_check;
alter table run add constraint run_kind_check check (kind in ('TRAINING', 'EVALUATION', 'IMPORT'));
-- The model that a run of the kind IMPORT imports.
alter table run add column imported_model_id uuid references imported_model;
create index run_by_imported_model on run (imported_model_id) where imported_model_id is not null;
