package dev.loupe.training.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.UUID;
import org.jdbi.v3.core.mapper.PropagateNull;

/**
 * The model that a run of the kind {@link RunKind#EVALUATION} evaluates.
 *
 * @param run id of the run that trained it; that run may be deleted
 * @param project name of the project that it was trained for, null if its run is deleted
 * @param projectId id of that project, null if its run is deleted
 * @param version number of the model version, null if it is not registered or its run is deleted
 * @param packageKey key of its package's {@code manifest.json}
 * @param packageSha256 digest of that manifest, which contains the digests of the other files
 * @param knownImages number of TEST images of the evaluation that are TRAIN or DEV images of the dataset version that the
 *     model learned from, or that its memory was extended by: with such images, its metrics are too good
 */
public record PackagedModel(
        @PropagateNull UUID run,
        String project,
        @JsonIgnore UUID projectId,
        Integer version,
        @JsonIgnore String packageKey,
        String packageSha256,
        int knownImages) {

    /** Returns this model with the number of known images. */
    public PackagedModel withKnownImages(int number) {
        return new PackagedModel(run, project, projectId, version, packageKey, packageSha256, number);
    }
}
