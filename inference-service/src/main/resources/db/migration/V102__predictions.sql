-- Which predictions of a project are logged. Without a row none are, at revision 0.
create table prediction_log (
    project_id uuid        primary key references model on delete cascade,
    revision   bigint      not null check (revision > 0),
    settings   jsonb       not null,
    actor      text        not null,
    changed_at timestamptz not null
);

-- Logged predictions. Ids grow with time (UUIDv7): the primary key is the order in time, too.
-- No foreign key: rows are written after the answer, and the project may have been deleted in between.
create table prediction (
    project_id        uuid             not null,
    id                uuid             not null,
    created_at        timestamptz      not null,
    version           integer          not null,
    -- Of a detector.
    threshold_version integer,
    threshold         double precision,
    label             text             not null,
    score             double precision not null,
    calibrated_score  real,
    -- Of a classifier: how much more probable the label is than the next one.
    margin            real,
    latency_millis    double precision not null,
    -- Null: the request had no encoded image, or there was no memory to measure it.
    image_sha256      text,
    media_type        text,
    width             integer,
    height            integer,
    brightness        double precision,
    sharpness         double precision,
    -- Whether its bytes are in object storage.
    image_kept        boolean          not null default false,
    -- The truth, told later; null: not told. The revision counts how often it was.
    outcome           text,
    outcome_revision  integer          not null default 0,
    outcome_actor     text,
    outcome_at        timestamptz,
    -- When a person decided on it in the review queue; null: it was not decided on.
    reviewed_at       timestamptz,
    primary key (project_id, id)
);

create index prediction_of_version on prediction (project_id, version, id);
create index prediction_outcome on prediction (project_id, version, created_at) where outcome is not null;

-- How far the drift of a version's predictions is monitored.
create table drift_monitor (
    project_id uuid    not null,
    version    integer not null,
    -- Last prediction that was taken in; null: none.
    position   uuid,
    -- Windows since the reference was taken.
    windows    integer not null default 0,
    primary key (project_id, version)
);

-- The values that later predictions are compared with.
create table drift_reference (
    project_id uuid               not null,
    version    integer            not null,
    measure    text               not null,
    values     double precision[] not null,
    created_at timestamptz        not null,
    primary key (project_id, version, measure)
);

-- Windows of predictions, each compared with the reference.
create table drift_window (
    id         uuid        primary key,
    project_id uuid        not null,
    version    integer     not null,
    first_id   uuid        not null,
    last_id    uuid        not null,
    started_at timestamptz not null,
    ended_at   timestamptz not null,
    images     integer     not null,
    -- For each measure: statistic, p-value, level, whether it drifted.
    tests      jsonb       not null,
    drifted    boolean     not null
);

create index drift_window_of_version on drift_window (project_id, version, id);
