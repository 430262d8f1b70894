-- Conditions for the promotions of a project. Without a row, the defaults hold at revision 0.
create table promotion_policy (
    project_id uuid        primary key references model on delete cascade,
    revision   bigint      not null check (revision > 0),
    policy     jsonb       not null,
    actor      text        not null,
    changed_at timestamptz not null
);

-- What an evaluation of a version counted on these TEST images: its own, or one by an evaluation run.
create table test_evidence (
    run_id       uuid    not null references model_version (run_id) on delete cascade,
    test_digest  text    not null,
    images       integer not null check (images > 0),
    -- Images and right predictions of each label.
    labels       jsonb   not null,
    -- Bit i, from the lowest of the first byte: whether the prediction for image i, ordered by sha256, is right.
    right_images bytea,
    primary key (run_id, test_digest)
);

-- The checks of the policy, and who approved the move; empty and null for older moves.
alter table alias_move
    add column checks          jsonb not null default '[]',
    add column policy_revision bigint,
    add column approved_by     text;

-- Promotions that wait for, or got, a decision by another person than their author.
create table approval_request (
    project_id      uuid        not null references model on delete cascade,
    -- 1, 2, 3, … within the project.
    number          integer     not null check (number > 0),
    alias           text        not null,
    version         integer     not null,
    -- Generation of the alias at the request; the request holds as long as the alias is at it.
    base_generation bigint      not null,
    force           boolean     not null,
    reason          text,
    actor           text        not null,
    created_at      timestamptz not null,
    expires_at      timestamptz not null,
    state           text        not null check (state in ('PENDING', 'APPROVED', 'REJECTED', 'SUPERSEDED')),
    decided_by      text,
    comment         text,
    decided_at      timestamptz,
    -- Generation of the alias after the promotion; null: it was not promoted.
    generation      bigint,
    primary key (project_id, number),
    foreign key (project_id, version) references model_version on delete cascade
);

create index approval_request_pending on approval_request (project_id, alias) where state = 'PENDING';

-- What people say of a version. It changes; all else of a version does not.
create table version_note (
    project_id  uuid    not null,
    number      integer not null,
    revision    bigint  not null check (revision > 0),
    description text,
    owner       text,
    tags        jsonb   not null,
    primary key (project_id, number),
    foreign key (project_id, number) references model_version on delete cascade
);

-- Where a project's moves of aliases are announced. The secret signs them, and is never returned.
create table webhook (
    project_id uuid        primary key references model on delete cascade,
    url        text        not null,
    secret     text        not null,
    actor      text        not null,
    changed_at timestamptz not null
);

-- Announcements to send, and how it went.
create table webhook_delivery (
    id              uuid        primary key,
    project_id      uuid        not null references model on delete cascade,
    body            text        not null,
    created_at      timestamptz not null,
    state           text        not null check (state in ('PENDING', 'DELIVERED', 'FAILED')),
    attempts        integer     not null default 0,
    -- Of a pending one: when it is sent. A replica that sends it moves this on first.
    next_attempt_at timestamptz not null,
    -- Of the last attempt: HTTP status, or why there was none.
    status          integer,
    error           text
);

create index webhook_delivery_due on webhook_delivery (next_attempt_at) where state = 'PENDING';
create index webhook_delivery_project on webhook_delivery (project_id, id);
-- Old ones are deleted by their age.
create index webhook_delivery_created on webhook_delivery (created_at);
