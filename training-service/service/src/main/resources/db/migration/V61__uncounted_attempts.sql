alter table run rename column uncharged to uncounted_attempts;
