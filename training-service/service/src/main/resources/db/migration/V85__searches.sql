-- A search for parameters of a recipe.
create table search (
    id                 uuid        primary key,
    dataset_version_id uuid        not null references dataset_version on delete cascade,
    -- its parameters are those that all trials share
    recipe             json        not null,
    -- json, not jsonb: proposals depend on the order of the parameters
    space              json        not null,
    method             text        not null check (method in ('RANDOM', 'TPE', 'SUCCESSIVE_HALVING')),
    objective          text        not null,
    trials             integer     not null,
    parallel           integer     not null,
    seed               bigint      not null,
    -- of SUCCESSIVE_HALVING
    reduction_factor   integer,
    min_epochs         integer,
    max_epochs         integer,
    register           boolean     not null,
    priority           integer     not null,
    resources          jsonb,
    state              text        not null default 'SEARCHING'
        check (state in ('SEARCHING', 'FINAL_RUN', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    reason             text,
    -- the run with the best parameters, whose model is evaluated on TEST
    run_id             uuid        references run on delete set null,
    created_at         timestamptz not null default now(),
    finished_at        timestamptz
);
create index search_by_dataset on search (dataset_version_id);
create index search_unfinished on search (id) where state in ('SEARCHING', 'FINAL_RUN');

alter table run add column search_id uuid references search on delete set null;
-- Whether the run does not use the TEST images and keeps no model.
alter table run add column dev_only boolean not null default false;
alter table run add column dev_metrics jsonb not null default '{}';
create index run_by_search on run (search_id) where search_id is not null;

create table search_trial (
    search_id      uuid             not null references search on delete cascade,
    number         integer          not null,
    -- null if no run could be started, or it was deleted
    run_id         uuid             unique references run on delete set null,
    parameters     json             not null,
    rung           integer          not null,
    epochs         integer,
    promoted_from  integer,
    state          text             not null default 'RUNNING'
        check (state in ('RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    reason         text,
    metric         double precision,
    dev_metrics    jsonb            not null default '{}',
    trained_epochs integer,
    seconds        double precision,
    created_at     timestamptz      not null default now(),
    finished_at    timestamptz,
    primary key (search_id, number)
);
create index search_trial_running on search_trial (search_id) where state = 'RUNNING';
