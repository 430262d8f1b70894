-- Changes of the candidate of an alias; the highest revision decides. Without effect after the alias has moved.
create table canary_change (
    project_id uuid             not null,
    alias      text             not null,
    revision   bigint           not null check (revision > 0),
    kind       text             not null,
    active     boolean          not null,
    -- Generation of the alias, and the version that it points at.
    generation bigint           not null,
    holder     integer          not null,
    candidate  integer          not null,
    -- Percentage of the requests that the candidate answers.
    weight     double precision not null check (weight between 0 and 100),
    -- Decides with the key of a request which arm answers it; the same for all weights of a candidate.
    seed       bigint           not null,
    reason     text,
    actor      text             not null,
    changed_at timestamptz      not null,
    primary key (project_id, alias, revision),
    foreign key (project_id, alias) references alias,
    foreign key (project_id, candidate) references model_version
);
