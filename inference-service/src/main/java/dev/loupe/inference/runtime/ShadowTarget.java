package dev.loupe.inference.runtime;

import java.util.UUID;

/**
 * The candidate that also sees the images of a request which its alias' holder answers.
 *
 * @param alias name of the alias
 * @param candidate number of the version
 */
public record ShadowTarget(UUID projectId, String alias, int candidate) {}
