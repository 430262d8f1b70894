-- What a run asks for in place of the usual; null: nothing. A run in the state QUEUED that has an attempt has been given
-- its turn, and waits for a place.
alter table run add column resources jsonb;
