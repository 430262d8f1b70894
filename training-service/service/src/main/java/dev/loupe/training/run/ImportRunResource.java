package dev.loupe.training.run;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.idempotency.Idempotency;
import dev.loupe.training.dataset.DatasetManifests;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.imported.ImportedModel;
import dev.loupe.training.imported.ImportedModels;
import dev.loupe.training.launch.JobLauncher;
import dev.loupe.training.launch.TrainerResources;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Starts runs that make a model version of a classifier that was trained elsewhere. */
@Path("/api/v1/imported-models/{model}/runs")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "ImportedModels")
class ImportRunResource {
    /** Seed of the resamples that intervals come from, as that of a training without one. */
    private static final long SEED = 1;

    /** Above that of trainings, because an import is short. */
    private static final int DEFAULT_PRIORITY = 10;

    private static final int MAX_NAMED_LABELS = 5;

    private final ImportedModels models;
    private final FrozenVersions versions;
    private final DatasetManifests manifests;
    private final Runs runs;
    private final RunTransitions transitions;
    private final RunReconciler reconciler;
    private final Idempotency idempotency;
    private final JobLauncher launcher;

    /**
     * A request to import.
     *
     * @param datasetVersion number of the dataset version to evaluate on; null: the newest
     * @param priority -100..100; null: {@value #DEFAULT_PRIORITY}
     */
    record NewImportRun(
            @Schema(minimum = "1") Integer datasetVersion,

            @Schema(minimum = "-100", maximum = "100", defaultValue = "10")
            Integer priority) {
        NewImportRun {
            Fields.atLeast("datasetVersion", datasetVersion, 1);
            Fields.within("priority", priority, -100, 100);
            priority = priority == null ? DEFAULT_PRIORITY : priority;
        }
    }

    ImportRunResource(
            ImportedModels models,
            FrozenVersions versions,
            DatasetManifests manifests,
            Runs runs,
            RunTransitions transitions,
            RunReconciler reconciler,
            Idempotency idempotency,
            JobLauncher launcher) {
        this.models = models;
        this.versions = versions;
        this.manifests = manifests;
        this.runs = runs;
        this.transitions = transitions;
        this.reconciler = reconciler;
        this.idempotency = idempotency;
        this.launcher = launcher;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "runImport",
            summary = "Make a model version of an imported model, evaluated on a frozen dataset version",
            description = """
            A run of the kind `IMPORT`, in the same queue as trainings: it evaluates the model on the TEST images, packages it \
            with parity samples, and registers a model version with the origin `IMPORTED`. The model must have all labels of \
            the dataset version.""")
    @APIResponse(
            responseCode = "202",
            description = "It was added to the queue",
            content = @Content(schema = @Schema(implementation = Run.class)))
    @APIResponse(responseCode = "404", description = "`IMPORTED_MODEL_NOT_FOUND`, `DATASET_VERSION_NOT_FOUND`")
    @APIResponse(responseCode = "409", description = "`PROJECT_ARCHIVED`")
    @APIResponse(
            responseCode = "422",
            description =
                    "`IMPORTED_MODEL_INVALID`: the dataset version has no TEST images, or a label that the model lacks")
    public Response submit(
            @PathParam("model") String id,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            NewImportRun body) {
        Fields.requirePresent("body", body);
        String scope = "POST /imported-models/" + id + "/runs";
        Response answer = idempotency.once(scope, key, body.toString(), () -> submission(id, body), asked -> {
            models.retain(asked.importedModel());
            UUID run = transitions.submit(asked, actor);
            return Response.accepted(runs.find(run).orElseThrow())
                    .location(URI.create("/api/v1/runs/" + run))
                    .build();
        });
        reconciler.requestReconcile();
        return answer;
    }

    private Submission submission(String id, NewImportRun asked) {
        ImportedModel model = models.require(id);
        FrozenVersion version = versions.requireForRun(model.projectId().toString(), asked.datasetVersion());
        requireSuitable(model, version);
        return new Submission(
                version,
                null,
                model.id(),
                new Recipe(Recipe.IMPORTED, Map.of("model", model.name(), "sha256", model.sha256())),
                SEED,
                true,
                asked.priority(),
                TrainerResources.DEFAULT,
                launcher.check(TrainerResources.DEFAULT));
    }

    private void requireSuitable(ImportedModel model, FrozenVersion version) {
        String data = "dataset version " + version.number() + " of '" + version.projectName() + "'";
        if (version.task() != Task.CLASSIFICATION) {
            throw invalid(data + ": expected the task CLASSIFICATION, got " + version.task());
        }
        if (version.testImages() == 0) {
            throw invalid(data + ": expected TEST images, got none");
        }
        DatasetManifest images = manifests.read(version);
        List<String> missing = new ArrayList<>(images.classes());
        missing.removeAll(model.labels());
        if (!missing.isEmpty()) {
            throw invalid("%s: the imported model '%s' has %d labels and lacks %d of this version: %s%s"
                    .formatted(
                            data,
                            model.name(),
                            model.labels().size(),
                            missing.size(),
                            String.join(", ", missing.subList(0, Math.min(MAX_NAMED_LABELS, missing.size()))),
                            missing.size() > MAX_NAMED_LABELS ? ", …" : ""));
        }
    }

    private static ServiceException invalid(String why) {
        return new ServiceException(ErrorCode.IMPORTED_MODEL_INVALID, why);
    }
}
