-- The product that an image was compared with, of a version with a memory for each product.
alter table prediction add column product text;
