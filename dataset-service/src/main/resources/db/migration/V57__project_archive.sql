alter table project add column display_name text;
-- Since when the project takes no uploads; null: it does.
alter table project add column archived_at timestamptz;
