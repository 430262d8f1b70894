package dev.loupe.inference.runtime;

import dev.loupe.inference.registry.Arm;
import java.util.UUID;

/**
 * One arm of an alias with a candidate, since a change of the candidate.
 *
 * @param revision of the candidate
 */
public record ArmKey(UUID projectId, String alias, long revision, Arm arm) {}
