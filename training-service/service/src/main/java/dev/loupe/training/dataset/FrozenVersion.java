package dev.loupe.training.dataset;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import java.util.UUID;
import org.jdbi.v3.core.mapper.Nested;
import org.jdbi.v3.core.mapper.reflect.ColumnName;

/**
 * A frozen dataset version, as dataset-service announced it.
 *
 * @param id id of the version
 * @param projectId id of its project
 * @param projectName name of its project
 * @param task task of its project
 * @param number number within the project, from 1
 * @param manifest location of its manifest
 * @param trainImages number of images to learn from (TRAIN)
 * @param devImages number of images to choose on (DEV)
 * @param testImages number of images to evaluate on (TEST)
 * @param classes number of labels, 0 if unknown
 * @param testDigest digest of the TEST images and their labels; models can be compared only if it is equal
 */
public record FrozenVersion(
        UUID id,
        UUID projectId,
        String projectName,
        Task task,
        int number,
        @Nested("manifest") ManifestRef manifest,
        int trainImages,
        int devImages,
        int testImages,
        @ColumnName("class_count") int classes,
        String testDigest) {
    public FrozenVersion {
        if (number < 1) {
            throw new IllegalArgumentException("dataset version: expected a number from 1 on, got " + number);
        }
    }
}
