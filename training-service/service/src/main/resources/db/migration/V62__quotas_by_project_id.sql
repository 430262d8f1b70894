alter table quota add column project_id uuid;
update quota set project_id = (select project_id from dataset_version where project_name = quota.project limit 1);
delete from quota where project_id is null;
alter table quota drop column project, add primary key (project_id);
