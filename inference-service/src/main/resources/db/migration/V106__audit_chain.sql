-- The audit log becomes a chain. An entry gets its place and its hash as its transaction commits: a lock, taken there and held
-- for the commit alone, keeps the chain in one line, and a transaction that is rolled back leaves no gap. The previous version
-- of Loupe, which knows nothing of this, adds entries to the chain too.
--
-- Three migrations, because they are three transactions: the first and the last one hold up writers for a moment, the second
-- one, which chains the entries that are there, not at all.
alter table audit
    add column on_behalf_of text,
    add column project_id uuid,
    add column before text,
    add column after text;
create index audit_project on audit (project_id) where project_id is not null;

create table audit_chain (
    serial   bigint primary key check (serial > 0),
    entry    uuid   not null unique references audit,
    previous text   not null,
    hash     text   not null
);

-- A field as a netstring. docs/reference/audit.md describes the form, and CanonicalForm.java computes the same.
create function audit_field(value text) returns text language sql immutable
    return coalesce(octet_length(convert_to(value, 'UTF8'))::text || ':' || value || ',', '~');

create function audit_hash(previous text, serial bigint, entry audit) returns text language sql stable
    return encode(sha256(convert_to(
        audit_field(previous)
        || audit_field(serial::text)
        || audit_field(entry.id::text)
        || audit_field(to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        || audit_field(entry.actor)
        || audit_field(entry.on_behalf_of)
        || audit_field(entry.project_id::text)
        || audit_field(entry.action)
        || audit_field(entry.subject)
        || audit_field(entry.detail)
        || audit_field(entry.before)
        || audit_field(entry.after), 'UTF8')), 'hex');

create function audit_append(entry audit) returns void language plpgsql set search_path from current as $$
declare
    head audit_chain;
begin
    select * into head from audit_chain order by serial desc limit 1;
    if head.serial is null then
        head.serial = 0;
        head.hash = repeat('0', 64);
    end if;
    insert into audit_chain (serial, entry, previous, hash)
    values (head.serial + 1, entry.id, head.hash, audit_hash(head.hash, head.serial + 1, entry));
end $$;

create function audit_chained() returns trigger language plpgsql set search_path from current as $$
begin
    -- After it, the next query sees what the holder before has committed.
    perform pg_advisory_xact_lock(7301645200 + hashtext(current_schema()));
    perform audit_append(new);
    return null;
end $$;
create trigger audit_chain_append_only before update or delete on audit_chain
    for each row execute function audit_is_append_only();
create trigger audit_not_emptied before truncate on audit execute function audit_is_append_only();
create trigger audit_chain_not_emptied before truncate on audit_chain execute function audit_is_append_only();
