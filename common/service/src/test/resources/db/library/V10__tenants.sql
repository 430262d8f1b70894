-- As the services have it.
alter table api_token enable row level security;
create policy tenant on api_token using (
    case when strpos(name, '/') = 0 then 'default' else split_part(name, '/', 1) end = current_setting('loupe.tenant', true));
alter table tenant_limit enable row level security;
create policy tenant on tenant_limit for select using (tenant = current_setting('loupe.tenant', true));
alter table request_limit enable row level security;
create policy tenant on request_limit for select using (exists (select from api_token t where t.id = request_limit.id));
alter table project_member enable row level security;
alter table project_members_revision enable row level security;
alter table idempotency enable row level security;
create policy tenant on idempotency using (starts_with(scope, nullif(current_setting('loupe.tenant', true), '') || '.'));
alter table audit enable row level security;
create policy tenant_adds on audit for insert with check (project_id is null);
alter table audit_chain enable row level security;
alter function audit_chained() security definer;
alter table outbox enable row level security;
create policy tenant_adds on outbox for insert with check (true);
alter table inbox enable row level security;
alter table outbox_dead_letter enable row level security;

-- Rows of tenants, for a query that forgets its condition.
create table item (
    name   text primary key,
    tenant text not null
);
alter table item enable row level security;
create policy tenant on item using (tenant = current_setting('loupe.tenant', true));
