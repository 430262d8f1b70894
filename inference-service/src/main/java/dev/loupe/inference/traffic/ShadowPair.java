package dev.loupe.inference.traffic;

import java.util.UUID;

/** The two versions whose predictions for the requests to an alias are compared. */
public record ShadowPair(UUID projectId, String alias, int holder, int candidate) {}
