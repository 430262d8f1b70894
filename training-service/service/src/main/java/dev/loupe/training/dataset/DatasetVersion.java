package dev.loupe.training.dataset;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import java.util.UUID;

/**
 * A frozen dataset version, as dataset-service announced it.
 *
 * @param id of the version
 * @param projectId of its project
 * @param projectName of its project
 * @param task of its project
 * @param number within the project, from 1
 * @param manifest where its manifest lies
 * @param trainImages how many images a model learns from
 * @param devImages how many images choices are made on
 * @param testImages how many images a model is evaluated on
 * @param classes how many labels there are, 0 if it is not known
 * @param testDigest models are compared only where it is equal
 */
public record DatasetVersion(
        UUID id,
        UUID projectId,
        String projectName,
        Task task,
        int number,
        ManifestRef manifest,
        int trainImages,
        int devImages,
        int testImages,
        int classes,
        String testDigest) {
    public DatasetVersion {
        if (number < 1) {
            throw new IllegalArgumentException("dataset version: expected a number from 1 on, got " + number);
        }
    }
}
