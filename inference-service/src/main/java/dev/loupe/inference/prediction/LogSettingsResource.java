package dev.loupe.inference.prediction;

import dev.loupe.inference.prediction.LogSettingsRepository.StoredSettings;
import dev.loupe.inference.registry.IfMatch;
import dev.loupe.inference.registry.ModelLookup;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.Fields;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The settings of a project's prediction log over REST. */
@Path("/api/v1/models/{project}/prediction-log")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Prediction log", description = "Predictions that were made, and what turned out to be true.")
class LogSettingsResource {
    private final ModelLookup lookup;
    private final LogSettingsRepository settings;
    private final ProjectLogging logging;

    /** The settings in responses. */
    @Schema(name = "PredictionLogState")
    record SettingsView(
            @Schema(required = true, description = "0 if none were set; also the ETag")
            long revision,

            @Schema(required = true) LogSettings settings,
            @Schema(description = "who set them") String actor,
            Instant changedAt) {
        static SettingsView of(StoredSettings stored) {
            return new SettingsView(stored.revision(), stored.settings(), stored.actor(), stored.changedAt());
        }
    }

    LogSettingsResource(ModelLookup lookup, LogSettingsRepository settings, ProjectLogging logging) {
        this.lookup = lookup;
        this.settings = settings;
        this.logging = logging;
    }

    @GET
    @Operation(
            operationId = "predictionLog",
            summary = "Which predictions of a project are logged; the ETag is the revision")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = SettingsView.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    public Response get(@PathParam("project") String project) {
        return answer(settings.get(lookup.require(project)));
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "replacePredictionLog",
            summary = "Sets which predictions of a project are logged",
            description = "Fields that are absent get their defaults. Send the revision that you read as If-Match: if "
                    + "the settings changed in the meantime, nothing happens. All replicas follow within seconds. The "
                    + "change is recorded in the audit log. A shorter retention deletes older predictions and their "
                    + "images.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = LogSettings.class),
                            examples = @ExampleObject(name = "sampled", value = """
                                            {"mode": "SAMPLED", "share": 0.1, "retentionDays": 30, "keepImages": false}""")))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = SettingsView.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "STALE_REVISION")
    public Response replace(
            @PathParam("project") String project,
            @HeaderParam(HttpHeaders.IF_MATCH) String ifMatch,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            LogSettings replacement) {
        Fields.requirePresent("body", replacement);
        StoredSettings stored =
                settings.replace(lookup.require(project), replacement, IfMatch.revision(ifMatch), actor);
        logging.refresh();
        return answer(stored);
    }

    private static Response answer(StoredSettings stored) {
        return Response.ok(SettingsView.of(stored))
                .tag(new EntityTag(String.valueOf(stored.revision())))
                .build();
    }
}
