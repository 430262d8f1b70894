-- What an imported model sees of an image, and the order of its channels.
alter table imported_model
    add column fit           text             not null default 'stretch',
    add column center_crop   double precision not null default 1,
    add column channel_order text             not null default 'RGB';
