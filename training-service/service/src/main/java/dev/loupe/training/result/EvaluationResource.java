package dev.loupe.training.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.contracts.training.Control;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.Fields;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.run.Evaluations;
import dev.loupe.training.run.Run;
import dev.loupe.training.run.RunKind;
import dev.loupe.training.run.RunReconciler;
import dev.loupe.training.run.RunState;
import dev.loupe.training.run.Runs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Evaluations over HTTP: requests for new ones, and all that exist. */
@Path("/api/v1/evaluations")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Evaluations")
class EvaluationResource {
    private final EvaluationRequests requests;
    private final Evaluations evaluations;
    private final RunEvaluations documents;
    private final Runs runs;
    private final FrozenVersions versions;
    private final RunReconciler reconciler;

    /** A page of evaluations. */
    @Schema(name = "EvaluationPage")
    record EvaluationPage(@Schema(required = true) List<EvaluationSummary> items, String nextCursor) {}

    /**
     * An evaluation.
     *
     * @param summary what is evaluated, and the state
     * @param evaluation the figures as the trainer stored them; absent until the state is SUCCEEDED
     * @param control the control of a training, absent if there is none
     */
    @Schema(name = "EvaluationDetails")
    @JsonInclude(Include.NON_NULL)
    record EvaluationDetails(@JsonUnwrapped EvaluationSummary summary, Evaluation evaluation, Control control) {}

    EvaluationResource(
            EvaluationRequests requests,
            Evaluations evaluations,
            RunEvaluations documents,
            Runs runs,
            FrozenVersions versions,
            RunReconciler reconciler) {
        this.requests = requests;
        this.evaluations = evaluations;
        this.documents = documents;
        this.runs = runs;
        this.versions = versions;
        this.reconciler = reconciler;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "requestEvaluation",
            summary = "Evaluate a model version on the TEST images of any frozen dataset version",
            description = """
            The evaluation is a run in the same queue as trainings, with the same states, log, progress, quotas and \
            cancellation: its `id` is that of the run. There is one of a model on a dataset version: another request \
            returns the one that waits, is in progress or has succeeded. The dataset version may be of another project \
            with the same task. The model must know all labels of the dataset version.""")
    @APIResponse(
            responseCode = "202",
            description = "It was added to the queue",
            content = @Content(schema = @Schema(implementation = EvaluationSummary.class)))
    @APIResponse(
            responseCode = "200",
            description = "It exists",
            content = @Content(schema = @Schema(implementation = EvaluationSummary.class)))
    @APIResponse(
            responseCode = "404",
            description = "`MODEL_VERSION_NOT_FOUND`, `RUN_NOT_FOUND`, `DATASET_VERSION_NOT_FOUND`")
    @APIResponse(responseCode = "409", description = "`PROJECT_ARCHIVED`")
    @APIResponse(
            responseCode = "422",
            description = "`EVALUATION_INVALID`: the run has made no model, the dataset version has no TEST images or"
                    + " another task, or the model lacks a label of it")
    public Response request(
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(
                            content =
                                    @Content(
                                            schema = @Schema(implementation = NewEvaluation.class),
                                            examples = {
                                                @ExampleObject(name = "a model version", value = """
                                                        {"project": "steel-strip", "modelVersion": 3, "datasetVersion": 5}"""),
                                                @ExampleObject(name = "the model of a run", value = """
                                                        {"run": "0199f3a2-6a0e-7c55-9c53-6b1f0a3d2e11", "datasetVersion": 5}""")
                                            }))
                    NewEvaluation body) {
        Fields.requirePresent("body", body);
        Evaluations.Requested requested = evaluations.request(requests.submission(body), actor);
        reconciler.requestReconcile();
        return Response.status(requested.isNew() ? Response.Status.ACCEPTED : Response.Status.OK)
                .entity(summary(runs.require(requested.id().toString())))
                .location(URI.create("/api/v1/evaluations/" + requested.id()))
                .build();
    }

    @GET
    @Operation(operationId = "listEvaluations", summary = "List evaluations, the newest first", description = """
            Evaluations that were requested, in each state, and those that trainings made of their own models.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = EvaluationPage.class)))
    @APIResponse(
            responseCode = "404",
            description = "`PROJECT_NOT_FOUND`; `MODEL_VERSION_NOT_FOUND`, `RUN_NOT_FOUND` of the model")
    public Response list(
            @QueryParam("project") @Parameter(description = "only on dataset versions of this project; its name or id")
                    String project,
            @QueryParam("datasetVersion") @Parameter(description = "only on the dataset version with this number")
                    Integer datasetVersion,
            @QueryParam("modelVersion")
                    @Parameter(description = "only of the model version of the `project` with this number")
                    Integer modelVersion,
            @QueryParam("run") @Parameter(description = "only of the model of this training") String run,
            @QueryParam("limit") @Parameter(description = "evaluations of a page, 1 to 1000; default 50") Integer limit,
            @QueryParam("cursor") @Parameter(description = "`nextCursor` of an earlier page of the same request")
                    String cursor,
            @Context UriInfo uri) {
        PageRequest request = PageRequest.of(limit, cursor);
        if (project != null) {
            versions.requireProject(project);
        }
        UUID model = run == null ? null : runs.require(run).id();
        if (modelVersion != null) {
            Fields.requirePresent("project", project);
            model = runs.requireModelVersion(project, modelVersion).id();
        }
        List<Run> found = evaluations.list(new Evaluations.Filter(project, datasetVersion, model), request);
        Page<Run> page = Page.of(found, request, each -> each.id().toString());
        EvaluationPage body =
                new EvaluationPage(page.items().stream().map(this::summary).toList(), page.nextCursor());
        return Response.fromResponse(Pages.response(page, uri)).entity(body).build();
    }

    @GET
    @Path("/{evaluation}")
    @Operation(operationId = "getEvaluation", summary = "An evaluation", description = """
            `evaluation` has the figures, as `/api/v1/runs/{run}/evaluation` does; it never changes. Predictions, heatmaps, \
            log and comparison are those of the run with this id: `/api/v1/runs/{run}/results`, `/logs`, `/comparison`.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = EvaluationDetails.class)))
    @APIResponse(
            responseCode = "404",
            description = "`RUN_NOT_FOUND`; `EVALUATION_NOT_FOUND` of a training that has made none")
    public EvaluationDetails get(@PathParam("evaluation") String id) {
        Run run = runs.require(id);
        boolean waits =
                run.settings().kind() == RunKind.EVALUATION && run.status().state() != RunState.SUCCEEDED;
        RunEvaluation made = waits ? new RunEvaluation(null, null) : documents.require(run);
        return new EvaluationDetails(summary(run), made.evaluation(), made.control());
    }

    private EvaluationSummary summary(Run run) {
        return EvaluationSummary.of(
                run, versions.get(run.data().datasetVersionId()).testDigest());
    }
}
