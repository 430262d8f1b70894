-- Whether the trainer of a run looks for labels that are probably wrong. Runs that exist do not.
alter table run add column check_labels boolean not null default false;
