package dev.loupe.inference.registry;

import dev.loupe.service.telemetry.WorkScope;
import dev.loupe.storage.ObjectLocation;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * What a training run produced. Immutable.
 *
 * @param number 1, 2, 3, … within the project
 * @param runId of the run
 * @param manifest where the package's {@code manifest.json} lies; its other files lie beside it
 * @param manifestSha256 lower-case hexadecimal; the manifest names the digests of the other files
 * @param datasetVersionId that it was trained and evaluated on
 * @param datasetVersion its number
 * @param testDigest of the TEST images and labels: only versions evaluated on the same ones are compared
 * @param metrics on the TEST images: {@code accuracy} or {@code auroc}, and what else was measured
 * @param recipe how it was trained
 * @param backbone whose features it uses
 * @param createdAt when it was registered
 * @param traceparent the trace of its run, null if there is none
 */
public record ModelVersion(
        int number,
        UUID runId,
        ObjectLocation manifest,
        String manifestSha256,
        String datasetVersionId,
        int datasetVersion,
        String testDigest,
        Map<String, Double> metrics,
        String recipe,
        String backbone,
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
    }

    /** For what is done for this version of the model: it belongs to the run. */
    public WorkScope scope(Model model) {
        return WorkScope.open(traceparent, Map.of(WorkScope.RUN, runId.toString(), WorkScope.PROJECT, model.name()));
    }
}
