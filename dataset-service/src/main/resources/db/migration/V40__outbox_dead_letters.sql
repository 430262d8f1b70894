-- Events that the broker refused for good. Nothing sends them; docs/reference/metrics.md says how to.
create table outbox_dead_letter (
    id          uuid        primary key,
    topic       text        not null,
    key         text        not null,
    type        text        not null,
    data        bytea       not null,
    traceparent text,
    created_at  timestamptz not null,
    parked_at   timestamptz not null default now(),
    reason      text        not null
);
