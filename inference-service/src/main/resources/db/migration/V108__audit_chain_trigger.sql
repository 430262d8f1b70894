-- From here on, each entry is chained as it is added. Writers wait while the entries are chained that were added during the
-- migration before.
lock table audit in share row exclusive mode;
do $$
declare
    one audit;
begin
    for one in select * from audit where not exists (select from audit_chain where entry = audit.id) order by id loop
        perform audit_append(one);
    end loop;
end $$;
create constraint trigger audit_chained after insert on audit deferrable initially deferred
    for each row execute function audit_chained();

