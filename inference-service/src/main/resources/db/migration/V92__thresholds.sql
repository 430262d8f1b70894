-- Thresholds of anomaly detectors that replace the one of their package, which is number 1. The highest number decides.
create table threshold_version (
    project_id   uuid             not null,
    version      integer          not null,
    number       integer          not null check (number > 1),
    -- An image is anomalous if its score is at least this.
    value        double precision not null,
    method       text             not null check (method in ('BEST_F1', 'FALSE_ALARM_RATE', 'RECALL', 'MANUAL')),
    target       double precision,
    confidence   double precision,
    how          text             not null,
    -- DEV images, and those that it decides wrongly; null: the package has no DEV scores.
    normal       integer,
    false_alarms integer,
    abnormal     integer,
    misses       integer,
    reason       text             not null,
    actor        text             not null,
    created_at   timestamptz      not null default now(),
    primary key (project_id, version, number),
    foreign key (project_id, version) references model_version
);
