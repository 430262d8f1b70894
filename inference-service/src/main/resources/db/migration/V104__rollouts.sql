-- What replicas have counted of the predictions of an arm, since a change of the candidate.
create table arm_count (
    project_id uuid        not null references model on delete cascade,
    alias      text        not null,
    revision   bigint      not null,
    arm        text        not null check (arm in ('HOLDER', 'CANDIDATE')),
    answered   bigint      not null,
    failed     bigint      not null,
    -- Number of answered requests of each bucket of durations.
    latency    jsonb       not null,
    counted_at timestamptz not null default now(),
    primary key (project_id, alias, revision, arm)
);

create index arm_count_counted on arm_count (counted_at);

-- Steps by which the weight of the candidate of an alias grows, as long as its bounds hold. The last one of each alias.
create table rollout (
    project_id      uuid        not null references model on delete cascade,
    alias           text        not null,
    candidate       integer     not null,
    -- Revision of the candidate in this step; another one ends the rollout.
    revision        bigint      not null,
    plan            jsonb       not null,
    step            integer     not null check (step >= 0),
    state           text        not null check (state in ('RUNNING', 'SUCCEEDED', 'ROLLED_BACK', 'STOPPED')),
    message         text        not null,
    force           boolean     not null,
    reason          text,
    actor           text        not null,
    started_at      timestamptz not null,
    step_started_at timestamptz not null,
    primary key (project_id, alias)
);
