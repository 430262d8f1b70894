-- One index for each order of a list of images. A page in the middle skips the entries before it without reading rows.
create index image_by_name on image (project_id, name collate "C", sha256);
create index image_by_time on image (project_id, created_at, sha256);
create index image_by_size on image (project_id, size, sha256);
