-- API tokens. dataset-service changes them; the other services learn them from its events.
create table api_token (
    id         uuid        primary key,
    name       text        not null,
    -- Of the token, lower-case hexadecimal: the token itself is stored nowhere.
    sha256     text        not null,
    role       text        not null,
    -- null: for all projects.
    project_id uuid,
    created_by text        not null,
    created_at timestamptz not null,
    -- null: never.
    expires_at timestamptz,
    revoked_at timestamptz,
    revision   bigint      not null
);
create unique index api_token_sha256 on api_token (sha256);
-- The name of a revoked token can be used again.
create unique index api_token_name on api_token (name) where revoked_at is null;
create index api_token_project on api_token (project_id);
