package dev.loupe.inference.drift;

import dev.loupe.inference.drift.DriftRepository.Window;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelLookup;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The drift of a version's predictions over REST. */
@Path("/api/v1/models/{project}/versions/{number}/drift")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Prediction log")
class DriftResource {
    private static final int WINDOWS = 100;

    private final ModelLookup lookup;
    private final DriftRepository drift;
    private final Audit audit;

    /** Whether a version's predictions are compared with a reference. */
    @Schema(name = "DriftState")
    enum State {
        /** The first predictions of the version become the reference. */
        COLLECTING,
        STABLE,
        /** The last window has drifted. */
        DRIFTED
    }

    /**
     * The drift of a version.
     *
     * @param referenceImages predictions of the reference
     * @param windowImages predictions of each window
     * @param drifted measures that have drifted in the last window
     * @param windows newest first, at most 100
     */
    @Schema(name = "Drift")
    record Drift(
            int version,
            State state,
            int referenceImages,
            int windowImages,
            List<DriftMeasure> drifted,
            List<Window> windows) {}

    DriftResource(ModelLookup lookup, DriftRepository drift, Audit audit) {
        this.lookup = lookup;
        this.drift = drift;
        this.audit = audit;
    }

    @GET
    @Operation(
            operationId = "drift",
            summary = "Whether the predictions of a version have drifted",
            description = "Windows of logged predictions are compared with the first predictions of the version.")
    @APIResponse(
            responseCode = "200",
            content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Drift.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    public Drift get(@PathParam("project") String project, @PathParam("number") int number) {
        Model model = lookup.require(project);
        lookup.requireVersion(model, number);
        Map<DriftMeasure, double[]> reference = drift.reference(model.projectId(), number);
        List<Window> windows = drift.windows(model.projectId(), number, WINDOWS);
        List<DriftMeasure> drifted =
                windows.isEmpty() ? List.of() : windows.getFirst().driftedMeasures();
        State state = reference.isEmpty() ? State.COLLECTING : drifted.isEmpty() ? State.STABLE : State.DRIFTED;
        return new Drift(number, state, DriftTest.REFERENCE, DriftTest.WINDOW, drifted, windows);
    }

    @DELETE
    @Path("/reference")
    @Transactional
    @Operation(
            operationId = "resetDrift",
            summary = "Forgets the reference of a version and its windows; its next predictions become the reference",
            description = "For a change that is intended, such as a new lamp. It is recorded in the audit log.")
    @APIResponse(responseCode = "204", description = "Forgotten")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    public void reset(
            @PathParam("project") String project,
            @PathParam("number") int number,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        Model model = lookup.require(project);
        lookup.requireVersion(model, number);
        drift.reset(model.projectId(), number);
        audit.record(
                Change.of(model.projectId(), actor, "drift.reset", "models/" + model.name() + "/versions/" + number)
                        .detail("later predictions become the reference"));
    }
}
