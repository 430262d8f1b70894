-- Warnings for users of the model that a run made: sentences.
alter table run add column warnings jsonb not null default '[]';
