-- Tables that each service has in its own schema.

-- Events that wait to be sent; a row goes when the broker has it.
create table outbox (
    sequence   bigint generated always as identity primary key,
    id         uuid        not null unique,
    topic      text        not null,
    key        text        not null,
    type       text        not null,
    data       bytea       not null,
    created_at timestamptz not null default now()
);

-- Events that had their effect.
create table inbox (
    event_id    text        primary key,
    received_at timestamptz not null default now()
);
create index inbox_received_at on inbox (received_at);

-- Answers to requests that carried an idempotency key.
create table idempotency (
    scope       text        not null,
    key         text        not null,
    fingerprint text        not null,
    status      integer     not null,
    body        text        not null,
    created_at  timestamptz not null default now(),
    primary key (scope, key)
);
create index idempotency_created_at on idempotency (created_at);

-- Who changed what. Rows are only ever added.
create table audit (
    id      uuid        primary key,
    at      timestamptz not null default now(),
    actor   text        not null,
    action  text        not null,
    subject text        not null,
    detail  text        not null default ''
);
create function audit_is_append_only() returns trigger language plpgsql as
    $$ begin raise exception 'the audit log is append-only'; end $$;
create trigger audit_append_only before update or delete on audit
    for each row execute function audit_is_append_only();
