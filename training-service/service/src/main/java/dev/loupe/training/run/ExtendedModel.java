package dev.loupe.training.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.UUID;
import org.jdbi.v3.core.mapper.PropagateNull;

/**
 * The model that a run of the kind {@link RunKind#EXTENSION} extends.
 *
 * @param run id of the run that it came of; that run may be deleted
 * @param version number of the model version, null if it is not registered or its run is deleted
 * @param packageKey key of its package's {@code manifest.json}
 * @param packageSha256 digest of that manifest
 * @param imagesVersionId id of the dataset version with the images
 * @param imagesVersion number of the dataset version with the images
 * @param images number of images that it is extended by
 */
public record ExtendedModel(
        @PropagateNull UUID run,
        Integer version,
        @JsonIgnore String packageKey,
        String packageSha256,
        @JsonIgnore UUID imagesVersionId,
        int imagesVersion,
        int images) {}
