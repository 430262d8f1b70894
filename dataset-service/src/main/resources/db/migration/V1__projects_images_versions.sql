create table project (
    id         uuid        primary key,
    name       text        not null unique,
    task       text        not null check (task in ('CLASSIFICATION', 'ANOMALY_DETECTION')),
    item_kind  text,
    created_at timestamptz not null default now()
);

-- What is in object storage, or is about to be: a row comes before its object and goes after it, so what nothing
-- refers to can be found without listing the bucket.
create table stored_object (
    sha256     text        primary key,
    size       bigint      not null,
    touched_at timestamptz not null default now()
);
create index stored_object_touched_at on stored_object (touched_at);

create table image (
    project_id  uuid        not null references project,
    sha256      text        not null references stored_object,
    name        text        not null,
    size        bigint      not null,
    format      text        not null,
    width       integer     not null,
    height      integer     not null,
    label       text,
    defect      text,
    split       text check (split in ('TRAIN', 'DEV', 'TEST')),
    mask_sha256 text        references stored_object,
    created_at  timestamptz not null default now(),
    primary key (project_id, sha256)
);
create index image_label on image (project_id, label, split, sha256);
create index image_sha256 on image (sha256);
create index image_mask on image (mask_sha256) where mask_sha256 is not null;

-- The same bytes came again with another label or another split.
create table contradiction (
    project_id uuid not null,
    sha256     text not null,
    name       text not null,
    label      text,
    split      text,
    primary key (project_id, sha256, name),
    foreign key (project_id, sha256) references image on delete cascade
);

create table dataset_version (
    id            uuid        primary key,
    project_id    uuid        not null references project,
    number        integer     not null check (number > 0),
    digest        text        not null,
    test_digest   text        not null,
    manifest_size bigint      not null,
    seed          bigint      not null,
    note          text,
    classes       text[]      not null,
    counts        jsonb       not null,
    warnings      jsonb       not null,
    created_at    timestamptz not null,
    unique (project_id, number)
);
create function dataset_version_is_immutable() returns trigger language plpgsql as
    $$ begin raise exception 'a dataset version is immutable'; end $$;
create trigger dataset_version_immutable before update on dataset_version
    for each row execute function dataset_version_is_immutable();

-- The objects that a version needs, whatever becomes of the project's images.
create table version_object (
    sha256     text not null references stored_object,
    version_id uuid not null references dataset_version,
    primary key (sha256, version_id)
);
