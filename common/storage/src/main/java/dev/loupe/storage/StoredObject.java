package dev.loupe.storage;

import java.time.Instant;

/**
 * Properties of a stored object.
 *
 * @param location location of the object
 * @param size size in bytes
 * @param modifiedAt time of the last write
 */
public record StoredObject(ObjectLocation location, long size, Instant modifiedAt) {}
