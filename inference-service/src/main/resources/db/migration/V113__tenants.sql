-- Row-level security: what a connection sees and changes that has the role for tenants (afterMigrate__tenant_role.sql), for the
-- tenant in its setting loupe.tenant; without the setting nothing. It does not apply to the owner of the tables, who does all
-- other work, and makes backups. A table without a policy is closed to that role. docs/adr/0042-a-second-fence-in-postgresql.md

-- As Tenant.ofProjectSql has it. Not each model has a row in project, nor each project a model.
alter table project enable row level security;
create policy tenant on project using (
    case when strpos(name, '.') = 0 then 'default' else split_part(name, '.', 1) end = current_setting('loupe.tenant', true));
alter table project_former_name enable row level security;
create policy tenant on project_former_name using (exists (select from project p where p.id = project_id));
alter table model enable row level security;
create policy tenant on model using (
    case when strpos(name, '.') = 0 then 'default' else split_part(name, '.', 1) end = current_setting('loupe.tenant', true));

-- What belongs to a model that the role sees. "exists", not "in": its plan depends on how many rows are asked about.
do $$
declare
    name text;
begin
    foreach name in array array['model_version', 'alias', 'alias_move', 'threshold_version', 'promotion_policy',
        'approval_request', 'version_note', 'version_pin', 'canary_change', 'rollout', 'arm_count', 'shadow_count',
        'shadow_disagreement', 'prediction_log', 'prediction', 'drift_monitor', 'drift_reference', 'drift_window', 'webhook',
        'webhook_delivery'] loop
        execute format('alter table %I enable row level security', name);
        execute format(
            'create policy tenant on %1$I using (exists (select from model m where m.project_id = %1$I.project_id))', name);
    end loop;
end $$;

alter table version_evaluation enable row level security;
create policy tenant on version_evaluation using (
    exists (select from model_version v where v.run_id = version_evaluation.run_id));
alter table test_evidence enable row level security;
create policy tenant on test_evidence using (exists (select from model_version v where v.run_id = test_evidence.run_id));

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
    exists (select from model m where m.project_id = audit.project_id)
    or exists (select from project p where p.id = audit.project_id)
    or exists (select from api_token t where t.project_id = audit.project_id));
create policy tenant_adds on audit for insert with check (
    project_id is null
    or exists (select from model m where m.project_id = audit.project_id));
alter table audit_chain enable row level security;
create policy tenant on audit_chain for select using (exists (select from audit a where a.id = entry));
-- The chain has the entries of all tenants.
alter function audit_chained() security definer;

-- Events: added only. What is received, and what the broker has refused, is closed to the role.
alter table outbox enable row level security;
create policy tenant_adds on outbox for insert with check (true);
alter table inbox enable row level security;
alter table outbox_dead_letter enable row level security;
