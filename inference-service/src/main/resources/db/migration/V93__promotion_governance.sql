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
