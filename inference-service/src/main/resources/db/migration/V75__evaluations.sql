-- Metrics of versions on TEST images of other dataset versions than their own, measured by evaluation runs.
create table version_evaluation (
    run_id          uuid    not null references model_version (run_id) on delete cascade,
    test_digest     text    not null,
    dataset_version integer not null,
    metrics         jsonb   not null,
    primary key (run_id, test_digest)
);
