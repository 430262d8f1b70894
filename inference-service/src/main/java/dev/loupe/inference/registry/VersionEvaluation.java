package dev.loupe.inference.registry;

import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.json.Json;

/**
 * What an evaluation run measured of a version. Public, because Jdbi constructs only public records.
 *
 * @param runId run that trained the version
 * @param testDigest digest of the TEST images that it was evaluated on, and of their labels
 * @param datasetVersion number of their dataset version
 * @param metrics metrics on these images
 */
public record VersionEvaluation(
        UUID runId,
        String testDigest,
        int datasetVersion,
        @Json Map<String, Double> metrics) {}
