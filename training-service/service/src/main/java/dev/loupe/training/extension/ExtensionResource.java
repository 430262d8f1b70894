package dev.loupe.training.extension;

import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.Fields;
import dev.loupe.service.idempotency.Idempotency;
import dev.loupe.training.run.Extensions;
import dev.loupe.training.run.Run;
import dev.loupe.training.run.RunReconciler;
import dev.loupe.training.run.Runs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Starts runs that extend the memory of a model. */
@Path("/api/v1/runs/{run}/extensions")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Runs")
class ExtensionResource {
    private final ExtensionRequests requests;
    private final Extensions extensions;
    private final Runs runs;
    private final RunReconciler reconciler;
    private final Idempotency idempotency;

    ExtensionResource(
            ExtensionRequests requests,
            Extensions extensions,
            Runs runs,
            RunReconciler reconciler,
            Idempotency idempotency) {
        this.requests = requests;
        this.extensions = extensions;
        this.runs = runs;
        this.reconciler = reconciler;
        this.idempotency = idempotency;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "extendModel",
            summary = "Extend the memory of a run's model by further normal images",
            description = """
            A run of the kind `EXTENSION`, in the same queue as trainings. It adds the patches of the images that are far from \
            the memory of a `patchcore` model, chooses the threshold on the same DEV images, evaluates on the same TEST images, \
            and registers a new model version. The images are normal TRAIN images of a dataset version of the project: \
            without `images` all that the model has not learned from.""")
    @APIResponse(
            responseCode = "202",
            description = "It was added to the queue",
            content = @Content(schema = @Schema(implementation = Run.class)))
    @APIResponse(
            responseCode = "404",
            description = "`RUN_NOT_FOUND`, `MODEL_VERSION_NOT_FOUND`, `DATASET_VERSION_NOT_FOUND`")
    @APIResponse(responseCode = "409", description = "`PROJECT_ARCHIVED`")
    @APIResponse(
            responseCode = "422",
            description =
                    "`EXTENSION_INVALID`: the run has made no model with a memory, there is no image that the model"
                            + " has not learned from, or one of the images is not normal, not in TRAIN, or one that it is"
                            + " evaluated on")
    public Response extend(
            @PathParam("run") String run,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(
                            content =
                                    @Content(
                                            schema = @Schema(implementation = NewExtension.class),
                                            examples = {
                                                @ExampleObject(
                                                        name = "all that it has not learned from",
                                                        value = "{\"datasetVersion\": 5}"),
                                                @ExampleObject(name = "one image", value = """
                                                        {"images": ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]}""")
                                            }))
                    NewExtension body) {
        Fields.requirePresent("body", body);
        String scope = "POST /runs/" + run + "/extensions";
        Response answer = idempotency.once(scope, key, body.toString(), () -> requests.submission(run, body), asked -> {
            UUID id = extensions.request(asked, actor);
            return Response.accepted(runs.find(id).orElseThrow())
                    .location(URI.create("/api/v1/runs/" + id))
                    .build();
        });
        reconciler.requestReconcile();
        return answer;
    }
}
