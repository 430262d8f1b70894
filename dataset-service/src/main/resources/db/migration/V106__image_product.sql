-- The product that an image shows, in a project of several products.
alter table image add column product text;
-- Whether folders of the archive are products.
alter table image_import add column products boolean not null default false;
alter table deleted_image add column product text;
-- Product after the change.
alter table image_history add column product text;
