-- An import of an archive. The archive is the object imports/<id> until the import has ended.
create table image_import (
    id             uuid        primary key,
    project_id     uuid        not null references project on delete cascade,
    actor          text        not null,
    label          text,
    relabel        boolean     not null,
    sha256         text        not null,
    size           bigint      not null,
    state          text        not null default 'QUEUED'
                               check (state in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    files_done     integer     not null default 0,
    files_total    integer     not null default 0,
    bytes_done     bigint      not null default 0,
    bytes_total    bigint      not null default 0,
    -- Grows with each claim: a replica that has lost the import to another one can no longer change it.
    attempt        integer     not null default 0,
    interruptions  integer     not null default 0,
    -- From this time on a replica may claim the import. While one works on it, the end of its lease.
    claimable_at   timestamptz not null default now(),
    report         jsonb,
    reason_code    text,
    reason_message text,
    created_at     timestamptz not null default now(),
    started_at     timestamptz,
    finished_at    timestamptz
);
create index image_import_claimable_at on image_import (claimable_at) where state in ('QUEUED', 'RUNNING');
create index image_import_project on image_import (project_id, id);
create index image_import_finished_at on image_import (finished_at);

-- Contents that an unfinished import has decoded and stored, so that a repeated attempt does not do it again.
create table image_import_content (
    import_id uuid    not null references image_import on delete cascade,
    sha256    text    not null,
    size      bigint  not null,
    format    text    not null,
    width     integer not null,
    height    integer not null,
    primary key (import_id, sha256)
);

-- Files that an import refused, that contradict a stored image, or that it ignored.
create table image_import_file (
    import_id uuid    not null references image_import on delete cascade,
    kind      text    not null check (kind in ('REFUSED', 'CONFLICT', 'IGNORED')),
    number    integer not null,
    entry     jsonb   not null,
    primary key (import_id, kind, number)
);
