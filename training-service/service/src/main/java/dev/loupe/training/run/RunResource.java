package dev.loupe.training.run;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.idempotency.Idempotency;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import dev.loupe.training.catalogue.RecipeRules;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.launch.JobLauncher;
import dev.loupe.training.launch.TrainerResources;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Runs over HTTP. */
@Path("/api/v1/runs")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Runs")
class RunResource {
    private static final long DEFAULT_SEED = 1;
    private static final int MAX_COMPARED = 20;

    private final FrozenVersions versions;
    private final RecipeRules rules;
    private final Runs runs;
    private final RunTransitions transitions;
    private final RunReconciler reconciler;
    private final RunDeletion deletion;
    private final Idempotency idempotency;
    private final JobLauncher launcher;

    /**
     * A request to train.
     *
     * @param datasetVersion number of the version; null: the newest
     * @param seed seed of all random numbers; null: 1
     * @param register whether the run produces a model version; null: true
     * @param priority -100..100; null: 0
     * @param resources resources of its trainer; null: the defaults
     * @param withControl whether it trains a control beside the model; null: true
     * @param checkLabels whether its trainer looks for labels that are probably wrong; null: true for classification
     */
    record NewRun(
            @Schema(required = true) String project,
            @Schema(minimum = "1") Integer datasetVersion,
            @Schema(required = true) Recipe recipe,
            Long seed,
            Boolean register,
            @Schema(minimum = "-100", maximum = "100") Integer priority,
            TrainerResources resources,

            @Schema(description = "whether it trains a control beside the model", defaultValue = "true")
            Boolean withControl,

            Boolean checkLabels) {
        NewRun {
            Fields.requirePresent("project", project);
            Fields.atLeast("datasetVersion", datasetVersion, 1);
            Fields.requirePresent("recipe", recipe);
            Fields.within("priority", priority, -100, 100);
        }
    }

    RunResource(
            FrozenVersions versions,
            RecipeRules rules,
            Runs runs,
            RunTransitions transitions,
            RunReconciler reconciler,
            RunDeletion deletion,
            Idempotency idempotency,
            JobLauncher launcher) {
        this.versions = versions;
        this.rules = rules;
        this.runs = runs;
        this.transitions = transitions;
        this.reconciler = reconciler;
        this.deletion = deletion;
        this.idempotency = idempotency;
        this.launcher = launcher;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Train a model on a frozen dataset version", description = """
            The run waits in a queue for a trainer: first goes the higher `priority` (-100..100), then the project that \
            holds least for its weight, then who asked first. With `register` (the default) a model version comes of it; without, \
            it only measures. Unless `withControl` is false, the run trains \
            a control, too: a cheap model on a random network, whose figure stands beside the main metric. A recipe is a name of the catalogue (`GET /api/v1/recipes`) and values for its `parameters`; \
            one that is absent has its default, and the answer has them all. A project that is archived takes no new runs \
            (409 `PROJECT_ARCHIVED`). The trainer of a classifier also looks for labels that are probably wrong, and \
            measures whether more images would help, unless `checkLabels` is false.""")
    public Response submit(
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor,
            @RequestBody(
                            content =
                                    @Content(
                                            examples = {
                                                @ExampleObject(name = "anomaly detection", value = """
                                                        {"project": "solar-cell", "recipe":
                                                         {"name": "patchcore",
                                                          "parameters": {"backbone": "mobilenet-v2"}}}"""),
                                                @ExampleObject(name = "classification", value = """
                                                        {"project": "steel-strip", "datasetVersion": 3, "seed": 7,
                                                         "recipe": {"name": "transfer"}}"""),
                                                @ExampleObject(name = "a control", value = """
                                                        {"project": "steel-strip", "register": false, "recipe":
                                                         {"name": "transfer",
                                                          "parameters": {"backbone": "random"}}}""")
                                            }))
                    NewRun body) {
        Fields.requirePresent("body", body);
        Response answer = idempotency.once("POST /runs", key, body.toString(), () -> submission(body), asked -> {
            UUID id = transitions.submit(asked, actor);
            return Response.accepted(runs.find(id).orElseThrow())
                    .location(URI.create("/api/v1/runs/" + id))
                    .build();
        });
        reconciler.requestReconcile();
        return answer;
    }

    private Submission submission(NewRun body) {
        FrozenVersion version = versions.requireForRun(body.project(), body.datasetVersion());
        Recipe recipe = rules.check(body.recipe(), version);
        TrainerResources resources = body.resources() == null ? TrainerResources.DEFAULT : body.resources();
        return new Submission(
                version,
                null,
                null,
                recipe,
                body.seed() == null ? DEFAULT_SEED : body.seed(),
                body.register() == null || body.register(),
                body.priority() == null ? 0 : body.priority(),
                resources,
                launcher.check(resources),
                null,
                false,
                body.withControl() == null || body.withControl(),
                checksLabels(body.checkLabels(), version));
    }

    private static boolean checksLabels(Boolean asked, FrozenVersion version) {
        boolean classifies = version.task() == Task.CLASSIFICATION;
        if (Boolean.TRUE.equals(asked) && !classifies) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "checkLabels: expected a project for CLASSIFICATION, got '" + version.projectName() + "' for "
                            + version.task());
        }
        return asked == null ? classifies : asked;
    }

    @GET
    @Operation(
            summary = "List runs, the newest first; of a `project` (its name or id), in a `state`, of a `kind`",
            description = "A project of which no dataset version is known here is not found.")
    public Response list(
            @QueryParam("project") String project,
            @QueryParam("state") String state,
            @QueryParam("kind")
                    @Parameter(
                            description = "what the runs do",
                            schema =
                                    @Schema(
                                            type = SchemaType.STRING,
                                            enumeration = {"TRAINING", "EVALUATION", "IMPORT", "EXTENSION"}))
                    String kind,
            @QueryParam("trials")
                    @Parameter(
                            description = "whether trials of searches are listed, too; they are by default",
                            schema = @Schema(type = SchemaType.BOOLEAN, defaultValue = "true"))
                    String trials,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        PageRequest page = PageRequest.of(limit, cursor);
        if (project != null) {
            versions.requireProject(project);
        }
        List<Run> found = runs.list(
                project,
                Fields.oneOf("state", RunState.class, state),
                Fields.oneOf("kind", RunKind.class, kind),
                Fields.yesOrNo("trials", trials, true),
                page);
        return Pages.response(Page.of(found, page, run -> run.id().toString()), uri);
    }

    @GET
    @Path("/compare")
    @Operation(summary = "Compare runs: parameters and metrics side by side", description = """
            `ids`: 2 to 20 runs, with commas between. `sameTestImages` says whether all were measured on the same TEST \
            images with the same labels; only then are their metrics comparable.""")
    public RunComparison compare(@QueryParam("ids") String ids) {
        Fields.requirePresent("ids", ids);
        List<String> asked = List.of(ids.split(",", -1));
        if (asked.size() < 2 || asked.size() > MAX_COMPARED || new HashSet<>(asked).size() < asked.size()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "ids: expected 2 to " + MAX_COMPARED + " different runs with commas between, got " + asked.size());
        }
        List<Run> compared = asked.stream().map(runs::require).toList();
        return RunComparison.of(
                compared,
                compared.stream()
                        .map(run -> versions.get(run.data().datasetVersionId()).testDigest())
                        .toList());
    }

    @GET
    @Path("/{run}")
    @Operation(summary = "A run")
    public Run get(@PathParam("run") String run) {
        return runs.require(run);
    }

    @GET
    @Path("/{run}/attempts")
    @Operation(summary = "The attempts at a run: how each ended")
    public Map<String, Object> attempts(@PathParam("run") String run) {
        return Map.of("items", runs.attempts(runs.require(run).id()));
    }

    @DELETE
    @Path("/{run}")
    @Operation(summary = "Delete a run that has ended, with its log and metrics", description = """
            Not while a model version that came of it exists: its package belongs to the run. Delete that version first. \
            Nor while an evaluation of its model waits or is in progress. An evaluation is deleted as a run.""")
    @APIResponse(responseCode = "204", description = "Deleted")
    @APIResponse(responseCode = "404", description = "RUN_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "RUN_NOT_FINISHED, RUN_IN_USE")
    public void delete(
            @PathParam("run") String run, @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        deletion.delete(runs.require(run), actor);
    }

    @POST
    @Path("/{run}/cancel")
    @Operation(summary = "End a run; one that is cancelled already stays so")
    public Run cancel(@PathParam("run") String id, @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor) {
        Run run = runs.require(id);
        transitions.cancel(run.id(), actor);
        reconciler.requestReconcile();
        return runs.require(id);
    }
}
