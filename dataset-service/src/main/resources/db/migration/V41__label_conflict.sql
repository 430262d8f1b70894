alter table contradiction rename to label_conflict;
