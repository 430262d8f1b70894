-- Runs after each migration, also if there was nothing to migrate. The role that requests of callers of a tenant have in the
-- database (docs/adr/0042-a-second-fence-in-postgresql.md): it exists if this account may create it, or if someone else has
-- created it; it may use each table that has row-level security, and no other one.
do $$
declare
    tenant_role constant text = left(current_user, 56) || '_tenant'; -- names have at most 63 bytes; TenantRole.java has it too
    fenced name;
begin
    if not exists (select from pg_class where relnamespace = current_schema()::regnamespace and relrowsecurity) then
        return; -- a schema without fences
    end if;
    -- Replicas that start at the same time change the same rights.
    perform pg_advisory_xact_lock(7301645300 + hashtext(current_schema()));
    if not exists (select from pg_roles where rolname = tenant_role) then
        begin
            execute format('create role %I nologin', tenant_role);
            execute format('grant %I to %I', tenant_role, current_user);
        exception when insufficient_privilege or duplicate_object or unique_violation then
            null; -- another account creates it: that of an operator, or this one for another service
        end;
    end if;
    if exists (select from pg_roles where rolname = tenant_role) then
        if not has_schema_privilege(tenant_role, current_schema(), 'usage') then
            execute format('grant usage on schema %I to %I', current_schema(), tenant_role);
        end if;
        for fenced in
            select relname from pg_class
            where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and relrowsecurity
              and not (has_table_privilege(tenant_role, oid, 'select') and has_table_privilege(tenant_role, oid, 'insert')
                  and has_table_privilege(tenant_role, oid, 'update') and has_table_privilege(tenant_role, oid, 'delete'))
        loop
            execute format('grant select, insert, update, delete on %I to %I', fenced, tenant_role);
        end loop;
    end if;
end $$;
