-- What is measured of the pixels of an image, by content. Without measures: not measured yet, or it cannot be measured.
create table image_properties (
    sha256          text             primary key references stored_object on delete cascade,
    perceptual_hash bigint,
    difference_hash bigint,
    brightness      double precision,
    dark_share      double precision,
    bright_share    double precision,
    sharpness       double precision,
    measured_at     timestamptz,
    -- Of the measurement in the background: attempts that were begun, and until when one may be running.
    attempts        integer          not null default 0,
    claimed_until   timestamptz
);

-- Findings about the images of a project. The id is the digest of the kind and of what the finding is about, so a
-- finding that is found again keeps the decision on it.
create table finding (
    project_id  uuid             not null references project on delete cascade,
    id          text             not null,
    kind        text             not null,
    severity    text             not null check (severity in ('HIGH', 'MEDIUM', 'LOW')),
    -- The order of a list: the most severe first.
    position    double precision not null,
    message     text             not null,
    label       text,
    split       text,
    images      text[]           not null,
    figures     jsonb            not null,
    state       text             not null default 'OPEN' check (state in ('OPEN', 'ACCEPTED', 'DISMISSED')),
    -- Whether it was there at the last search. Decisions on findings that are not there are kept.
    present     boolean          not null default true,
    found_at    timestamptz      not null default now(),
    decided_at  timestamptz,
    decided_by  text,
    reason      text,
    primary key (project_id, id)
);
create index finding_position on finding (project_id, position, id) where present;

-- The state of a project that its findings were searched in.
create table finding_search (
    project_id  uuid        primary key references project on delete cascade,
    -- Number of changes in the history of the project's images.
    changes     bigint      not null,
    rules       text        not null,
    -- Images were measured since.
    stale       boolean     not null,
    -- Images without measures.
    unmeasured  integer     not null,
    searched_at timestamptz not null
);
