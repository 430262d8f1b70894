-- Row-level security: what a connection sees and changes that has the role for tenants (afterMigrate__tenant_role.sql), for the
-- tenant in its setting loupe.tenant; without the setting nothing. It does not apply to the owner of the tables, who does all
-- other work, and makes backups. A table without a policy is closed to that role. docs/adr/0042-a-second-fence-in-postgresql.md

-- As Tenant.ofProjectSql has it. Not each project with dataset versions has a row in project.
alter table project enable row level security;
create policy tenant on project using (
    case when strpos(name, '.') = 0 then 'default' else split_part(name, '.', 1) end = current_setting('loupe.tenant', true));
alter table project_former_name enable row level security;
create policy tenant on project_former_name using (exists (select from project p where p.id = project_id));
alter table dataset_version enable row level security;
create policy tenant on dataset_version using (
    case when strpos(project_name, '.') = 0 then 'default' else split_part(project_name, '.', 1) end
        = current_setting('loupe.tenant', true));

-- What belongs to a dataset version, a run, a search or a project that the role sees. "exists", not "in": its plan depends on
-- how many rows are asked about.
alter table run enable row level security;
create policy tenant on run using (exists (select from dataset_version d where d.id = run.dataset_version_id));
alter table search enable row level security;
create policy tenant on search using (exists (select from dataset_version d where d.id = search.dataset_version_id));
alter table search_trial enable row level security;
create policy tenant on search_trial using (exists (select from search s where s.id = search_trial.search_id));
do $$
declare
    name text;
begin
    foreach name in array array['attempt', 'metric_value', 'evaluation', 'extension'] loop
        execute format('alter table %I enable row level security', name);
        execute format('create policy tenant on %1$I using (exists (select from run r where r.id = %1$I.run_id))', name);
    end loop;
end $$;
alter table imported_model enable row level security;
create policy tenant on imported_model using (
    exists (select from dataset_version d where d.project_id = imported_model.project_id));

-- Operators set quotas, and import backbones, which all tenants share.
alter table quota enable row level security;
create policy tenant on quota for select using (exists (select from dataset_version d where d.project_id = quota.project_id));
alter table tenant_quota enable row level security;
create policy tenant on tenant_quota for select using (tenant = current_setting('loupe.tenant', true));
alter table backbone enable row level security;
create policy tenant on backbone for select using (true);

-- As Tenant.ofTokenSql has it. Events of dataset-service change tokens.
alter table api_token enable row level security;
create policy tenant on api_token for select using (
    case when strpos(name, '/') = 0 then 'default' else split_part(name, '/', 1) end = current_setting('loupe.tenant', true));

-- Read into memory for all tenants together.
alter table project_member enable row level security;
alter table project_members_revision enable row level security;
alter table request_limit enable row level security;
alter table tenant_limit enable row level security;

-- The scope of a key begins with the tenant and a dot.
alter table idempotency enable row level security;
create policy tenant on idempotency using (starts_with(scope, nullif(current_setting('loupe.tenant', true), '') || '.'));

-- A project that was deleted has its log: the tokens for it show it. Entries of no project are those of operators.
alter table audit enable row level security;
create policy tenant on audit for select using (
    exists (select from dataset_version d where d.project_id = audit.project_id)
    or exists (select from project p where p.id = audit.project_id)
    or exists (select from api_token t where t.project_id = audit.project_id));
create policy tenant_adds on audit for insert with check (
    project_id is null
    or exists (select from dataset_version d where d.project_id = audit.project_id));
alter table audit_chain enable row level security;
create policy tenant on audit_chain for select using (exists (select from audit a where a.id = entry));
-- The chain has the entries of all tenants.
alter function audit_chained() security definer;

-- Events: added only. What is received, and what the broker has refused, is closed to the role.
alter table outbox enable row level security;
create policy tenant_adds on outbox for insert with check (true);
alter table inbox enable row level security;
alter table outbox_dead_letter enable row level security;
