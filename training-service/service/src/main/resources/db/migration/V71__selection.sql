alter table run add column selection jsonb;
