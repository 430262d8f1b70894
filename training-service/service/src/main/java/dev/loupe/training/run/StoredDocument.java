package dev.loupe.training.run;

import dev.loupe.storage.ObjectLocation;

/** A document in object storage that another service reads. */
record StoredDocument(ObjectLocation location, String sha256, long size) {}
