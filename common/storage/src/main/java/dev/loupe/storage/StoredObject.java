package dev.loupe.storage;

import java.time.Instant;

/**
 * What storage says of an object.
 *
 * @param location where it lies
 * @param size in bytes
 * @param modifiedAt when it was written
 */
public record StoredObject(ObjectLocation location, long size, Instant modifiedAt) {}
