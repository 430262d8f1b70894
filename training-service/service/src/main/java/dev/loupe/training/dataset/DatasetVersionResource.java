package dev.loupe.training.dataset;

import dev.loupe.service.audit.Actor;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Deletion of dataset versions over HTTP. */
@Path("/api/v1/dataset-versions")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Dataset versions")
class DatasetVersionResource {
    private final DatasetVersionDeletion deletion;

    DatasetVersionResource(DatasetVersionDeletion deletion) {
        this.deletion = deletion;
    }

    @DELETE
    @Path("/{project}/{number}")
    @Operation(
            operationId = "deleteDatasetVersion",
            summary = "Delete a dataset version that no run uses",
            description = """
            Not while a run uses it, and so not while a model version does: delete those first. From the answer on no run \
            can use the version; dataset-service deletes it within seconds, and then the images that only this version \
            kept. Its number is not used again. It cannot be undone.""")
    @APIResponse(responseCode = "204", description = "Deleted")
    @APIResponse(responseCode = "404", description = "DATASET_VERSION_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "DATASET_VERSION_IN_USE")
    public void delete(
            @PathParam("project") @Parameter(description = "name or id of the project") String project,
            @PathParam("number") @Parameter(description = "number of the version") int number,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        deletion.delete(project, number, actor);
    }
}
