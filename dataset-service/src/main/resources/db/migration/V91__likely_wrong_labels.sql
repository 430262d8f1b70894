-- Of a label that is probably wrong: the class that the image probably belongs to, and the run that found it.
alter table finding add column likely_label text;
alter table finding add column run_id uuid;
