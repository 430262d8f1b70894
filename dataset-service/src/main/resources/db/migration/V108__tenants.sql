-- Row-level security: what a connection sees and changes that has the role for tenants (afterMigrate__tenant_role.sql), for the
-- tenant in its setting loupe.tenant; without the setting nothing. It does not apply to the owner of the tables, who does all
-- other work, and makes backups. A table without a policy is closed to that role. docs/adr/0042-a-second-fence-in-postgresql.md

-- As Tenant.ofProjectSql has it.
alter table project enable row level security;
create policy tenant on project using (
    case when strpos(name, '.') = 0 then 'default' else split_part(name, '.', 1) end = current_setting('loupe.tenant', true));

-- What belongs to a project that the role sees. "exists", not "in": its plan depends on how many rows are asked about.
do $$
declare
    name text;
begin
    foreach name in array array['project_former_name', 'image', 'label_conflict', 'image_deletion', 'deleted_image',
        'image_history', 'image_import', 'dataset_version', 'finding', 'finding_search', 'project_member',
        'project_members_revision'] loop
        execute format('alter table %I enable row level security', name);
        execute format(
            'create policy tenant on %1$I using (exists (select from project p where p.id = %1$I.project_id))', name);
    end loop;
end $$;

alter table version_object enable row level security;
create policy tenant on version_object using (exists (select from dataset_version v where v.id = version_object.version_id));

-- A project is noted as deleted before its row goes.
alter table deleted_project enable row level security;
create policy tenant on deleted_project for insert with check (exists (select from project p where p.id = deleted_project.id));
-- training-service releases versions, by an event.
alter table deleted_version enable row level security;

-- The worker of the imports writes them.
alter table image_import_file enable row level security;
create policy tenant on image_import_file for select using (exists (select from image_import i where i.id = import_id));
alter table image_import_content enable row level security;

-- All tenants share contents. An upload adds them as the owner.
alter table stored_object enable row level security;
create policy tenant on stored_object for select using (
    exists (select from version_object v where v.sha256 = stored_object.sha256));
alter table image_properties enable row level security;
create policy tenant on image_properties for select using (
    exists (select from image i where i.sha256 = image_properties.sha256));

-- As Tenant.ofTokenSql has it.
alter table api_token enable row level security;
create policy tenant on api_token using (
    case when strpos(name, '/') = 0 then 'default' else split_part(name, '/', 1) end = current_setting('loupe.tenant', true));

-- Operators set limits.
alter table storage_limit enable row level security;
create policy tenant on storage_limit for select using (exists (select from project p where p.id = project_id));
alter table request_limit enable row level security;
create policy tenant on request_limit for select using (
    exists (select from project p where p.id = request_limit.id) or exists (select from api_token t where t.id = request_limit.id));
alter table tenant_limit enable row level security;
create policy tenant on tenant_limit for select using (tenant = current_setting('loupe.tenant', true));

-- The scope of a key begins with the tenant and a dot.
alter table idempotency enable row level security;
create policy tenant on idempotency using (starts_with(scope, nullif(current_setting('loupe.tenant', true), '') || '.'));

-- A project that was deleted has its log: the tokens for it show it. Entries of no project are those of operators.
alter table audit enable row level security;
create policy tenant on audit for select using (
    exists (select from project p where p.id = audit.project_id)
    or exists (select from api_token t where t.project_id = audit.project_id));
create policy tenant_adds on audit for insert with check (
    project_id is null or exists (select from project p where p.id = audit.project_id));
alter table audit_chain enable row level security;
create policy tenant on audit_chain for select using (exists (select from audit a where a.id = entry));
-- The chain has the entries of all tenants.
alter function audit_chained() security definer;

-- Events: added only. What is received, and what the broker has refused, is closed to the role.
alter table outbox enable row level security;
create policy tenant_adds on outbox for insert with check (true);
alter table inbox enable row level security;
alter table outbox_dead_letter enable row level security;
