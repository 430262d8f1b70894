-- Whether the candidate also sees the images that the holder predicts; these predictions are not returned.
alter table canary_change add column shadow boolean not null default false;

-- What replicas have counted of shadow predictions, for each minute.
create table shadow_count (
    project_id    uuid        not null references model on delete cascade,
    alias         text        not null,
    holder        integer     not null,
    candidate     integer     not null,
    minute        timestamptz not null,
    -- Images that both have predicted.
    images        bigint      not null,
    disagreements bigint      not null,
    -- Images that the candidate could not predict.
    failed        bigint      not null,
    -- Images that it has not seen, because the replica was busy.
    dropped       bigint      not null,
    primary key (project_id, alias, holder, candidate, minute)
);

-- The last images that a candidate and its holder have predicted differently.
create table shadow_disagreement (
    id               uuid             primary key,
    project_id       uuid             not null references model on delete cascade,
    alias            text             not null,
    holder           integer          not null,
    candidate        integer          not null,
    predicted_at     timestamptz      not null,
    -- Digest of the encoded image; null: the request had a tensor.
    image_sha256     text,
    holder_answer    text             not null,
    holder_score     double precision not null,
    candidate_answer text             not null,
    candidate_score  double precision not null
);

create index shadow_disagreement_last on shadow_disagreement (project_id, alias, holder, candidate, id);
