package dev.loupe.inference.registry;

import dev.loupe.service.telemetry.WorkScope;
import dev.loupe.storage.ObjectLocation;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.mapper.Nested;
import org.jdbi.v3.json.Json;

/**
 * A registered model version, produced by a run. Immutable.
 *
 * @param number 1, 2, 3, … within the project
 * @param runId id of the run
 * @param manifest location of the package's {@code manifest.json}; the other files have the same key prefix
 * @param manifestSha256 lower-case hexadecimal; the manifest contains the digests of the other files
 * @param datasetVersionId id of the dataset version that it was trained and evaluated on
 * @param datasetVersion number of the dataset version
 * @param testDigest digest of the TEST images and labels: only versions with the same digest are compared
 * @param metrics metrics on the TEST images: {@code accuracy} or {@code auroc}, and others that were measured
 * @param recipe recipe of the run
 * @param backbone backbone whose features it uses
 * @param origin whether its run has trained it or imported it
 * @param createdAt when it was registered
 * @param traceparent trace of its run, null if there is none
 */
public record ModelVersion(
        int number,
        UUID runId,
        @Nested("manifest") ObjectLocation manifest,
        String manifestSha256,
        String datasetVersionId,
        int datasetVersion,
        String testDigest,
        @Json Map<String, Double> metrics,
        String recipe,
        String backbone,
        Origin origin,
        Instant createdAt,
        String traceparent) {
    public ModelVersion {
        if (number < 0) {
            throw new IllegalArgumentException("number of a model version: expected 1 or more, got " + number);
        }
        if (!manifestSha256.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("not a sha256: '" + manifestSha256 + "'");
        }
        metrics = Map.copyOf(metrics);
        origin = origin == null ? Origin.TRAINED : origin; // in the copy of the registry that an older replica has left
    }

    /** Returns this version with what an evaluation run measured on other TEST images. */
    ModelVersion evaluated(VersionEvaluation evaluation) {
        return new ModelVersion(
                number,
                runId,
                manifest,
                manifestSha256,
                datasetVersionId,
                evaluation.datasetVersion(),
                evaluation.testDigest(),
                evaluation.metrics(),
                recipe,
                backbone,
                origin,
                createdAt,
                traceparent);
    }

    /** The log and trace scope of work for this version of the model, which belongs to its run. */
    public WorkScope scope(Model model) {
        return WorkScope.open(traceparent, Map.of(WorkScope.RUN, runId.toString(), WorkScope.PROJECT, model.name()));
    }
}
