package dev.loupe.inference.runtime;

import java.util.UUID;

/** One version of one model. */
record VersionKey(UUID projectId, int number) {}
