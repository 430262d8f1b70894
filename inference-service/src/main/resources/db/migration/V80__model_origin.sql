-- Whether a run has trained the model, or has imported one that was trained elsewhere.
alter table model_version add column origin text not null default 'TRAINED' check (origin in ('TRAINED', 'IMPORTED'));
