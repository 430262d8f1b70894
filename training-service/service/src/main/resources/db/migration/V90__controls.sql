-- Whether the trainer of a training trains a control, and what the control reaches.
alter table run add column with_control boolean not null default false;
alter table run add column control jsonb;
