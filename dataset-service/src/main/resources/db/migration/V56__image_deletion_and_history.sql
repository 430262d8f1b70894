-- Deletions of images. Each can be undone until its images are removed for good.
create table image_deletion (
    id         uuid        primary key,
    project_id uuid        not null references project on delete cascade,
    actor      text        not null,
    deleted_at timestamptz not null default now()
);
create index image_deletion_project on image_deletion (project_id, id);
create index image_deletion_deleted_at on image_deletion (deleted_at);

-- The rows of deleted images, with their label conflicts. They protect the objects of the images.
create table deleted_image (
    like image,
    deletion_id uuid  not null references image_deletion on delete cascade,
    conflicts   jsonb not null,
    primary key (deletion_id, sha256),
    foreign key (sha256) references stored_object,
    foreign key (mask_sha256) references stored_object
);
create index deleted_image_project on deleted_image (project_id, sha256, deletion_id);
create index deleted_image_sha256 on deleted_image (sha256);
create index deleted_image_mask on deleted_image (mask_sha256) where mask_sha256 is not null;

-- Who changed an image, and what it was after the change. Kept as long as the project.
create table image_history (
    number     bigint      generated always as identity primary key,
    project_id uuid        not null references project on delete cascade,
    sha256     text        not null,
    at         timestamptz not null default now(),
    actor      text        not null,
    change     text        not null check (change in ('ADDED', 'CHANGED', 'DELETED', 'RESTORED')),
    label      text,
    defect     text,
    split      text
);
create index image_history_image on image_history (project_id, sha256, number);
