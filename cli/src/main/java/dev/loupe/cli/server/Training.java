package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.client.BodyReader;
import dev.loupe.client.ClientException;
import dev.loupe.client.ServiceClient;
import dev.loupe.client.training.BackbonesApi;
import dev.loupe.client.training.DatasetVersionsApi;
import dev.loupe.client.training.EvaluationsApi;
import dev.loupe.client.training.QueueApi;
import dev.loupe.client.training.RecipesApi;
import dev.loupe.client.training.RunsApi;
import dev.loupe.client.training.SearchesApi;
import dev.loupe.client.training.model.NewEvaluation;
import dev.loupe.client.training.model.NewExtension;
import dev.loupe.client.training.model.NewQuota;
import dev.loupe.client.training.model.NewRun;
import dev.loupe.client.training.model.NewSearch;
import dev.loupe.client.training.model.NewTenantQuota;
import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** training-service: runs and backbones. Thread-safe. */
public final class Training {
    private static final Set<String> FINAL_STATES = Set.of("SUCCEEDED", "FAILED", "CANCELLED");
    private static final int RECONNECTS = 30;

    private final ServiceClient service;
    private final RunsApi runs;
    private final QueueApi queue;
    private final BackbonesApi backbones;
    private final EvaluationsApi evaluations;
    private final SearchesApi searches;

    Training(ServiceClient service) {
        this.service = service;
        this.runs = new RunsApi(service);
        this.queue = new QueueApi(service);
        this.backbones = new BackbonesApi(service);
        this.evaluations = new EvaluationsApi(service);
        this.searches = new SearchesApi(service);
    }

    /** @return the run, as it was queued */
    public JsonNode start(RunRequest request) {
        String key = UUID.randomUUID().toString();
        NewRun run = Json.as(request.json(), NewRun.class);
        return service.tree(() -> runs.submit(run, key, null));
    }

    /** The recipes of the server. */
    public RecipeCatalogue recipes() {
        JsonNode items = service.tree(new RecipesApi(service)::callList).path("items");
        return new RecipeCatalogue(List.of(Json.as(items, CatalogueEntry[].class)));
    }

    public List<JsonNode> quotas() {
        return items(service.tree(queue::callList));
    }

    /** Null is without a limit. */
    public JsonNode setQuota(String project, Integer maxRuns, Integer maxGpus, double weight) {
        NewQuota quota = new NewQuota().maxRuns(maxRuns).maxGpus(maxGpus).weight(weight);
        return service.tree(() -> queue.put(project, quota, null));
    }

    public JsonNode quotaOfTenant(String tenant) {
        return service.tree(() -> queue.getTenantQuota(tenant));
    }

    /** Null is without a limit. */
    public JsonNode setQuotaOfTenant(String tenant, Integer maxRuns, Integer maxGpus) {
        NewTenantQuota quota = new NewTenantQuota().maxRuns(maxRuns).maxGpus(maxGpus);
        return service.tree(() -> queue.setTenantQuota(tenant, quota, null));
    }

    /** Deletes a dataset version that no run uses. */
    public void deleteDatasetVersion(String project, int number) {
        service.call(() -> {
            new DatasetVersionsApi(service).deleteDatasetVersion(number, project, null);
            return null;
        });
    }

    public JsonNode run(String id) {
        return service.tree(() -> runs.get(id));
    }

    /** Runs side by side, and whether their metrics are comparable. */
    public JsonNode compare(List<String> ids) {
        return service.tree(() -> runs.compare(String.join(",", ids)));
    }

    /** The attempts at a run, and how each ended. */
    public List<JsonNode> attempts(String id) {
        return items(service.tree(() -> runs.attempts(id)));
    }

    /**
     * The metrics of a run over time.
     *
     * @param names only these metrics; all if empty
     */
    public JsonNode metrics(String id, List<String> names) {
        return service.tree(() -> runs.getRunMetrics(id, names));
    }

    /**
     * The predictions of a run's model for the TEST images, the wrong ones first.
     *
     * @param outcome {@code RIGHT} or {@code WRONG}, null for both
     */
    public List<JsonNode> results(String id, String outcome, int most) {
        return Pages.items(
                service,
                most,
                (cursor, limit) -> runs.listRunResults(id, cursor, null, limit, outcome, null, null, null));
    }

    /** The labels that a run found to be probably wrong: the first {@code most}, and the numbers of all. */
    public JsonNode labelIssues(String id, int most) {
        return service.tree(() -> runs.listRunLabelIssues(id, null, most));
    }

    /** Whether more TRAIN images would help, as a run measured it. */
    public JsonNode learningCurve(String id) {
        return service.tree(() -> runs.getRunLearningCurve(id));
    }

    /** How well the model of a run does on the TEST images. */
    public JsonNode evaluation(String id) {
        return service.tree(() -> runs.getRunEvaluation(id));
    }

    /**
     * Requests the evaluation of a model version.
     *
     * @param datasetProject project of the dataset version; null: that of the model
     * @param priority the larger, the sooner; null: the default
     * @return the evaluation, new or existing
     */
    public JsonNode requestEvaluation(
            String project, int modelVersion, String datasetProject, int datasetVersion, Integer priority) {
        NewEvaluation asked = new NewEvaluation()
                .project(project)
                .modelVersion(modelVersion)
                .datasetProject(datasetProject)
                .datasetVersion(datasetVersion)
                .priority(priority);
        return service.tree(() -> evaluations.requestEvaluation(asked, null));
    }

    /**
     * Extends the memory of a run's model by normal images.
     *
     * @param datasetVersion dataset version with the images; null: the newest
     * @param images SHA-256 of the images; null: all that the model has not learned from
     * @param priority the larger, the sooner; null: the default
     * @return the run, as it was queued
     */
    public JsonNode extend(String run, Integer datasetVersion, List<String> images, Integer priority) {
        String key = UUID.randomUUID().toString();
        NewExtension asked =
                new NewExtension().datasetVersion(datasetVersion).images(images).priority(priority);
        return service.tree(() -> runs.extendModel(run, asked, key, null));
    }

    /** An evaluation; with its figures, once it has succeeded. */
    public JsonNode evaluationDetails(String id) {
        return service.tree(() -> evaluations.getEvaluation(id));
    }

    /**
     * An evaluation as an HTML file.
     *
     * @param id of the evaluation, or of a training for that of its own model
     */
    public byte[] report(String id) {
        AtomicReference<byte[]> html = new AtomicReference<>();
        EvaluationsApi reading = new EvaluationsApi(service.receiving(body -> html.set(body.readAllBytes())));
        try {
            service.call(() -> reading.getEvaluationReport(id));
        } catch (UncheckedIOException lost) {
            throw new ClientException("report on " + id + ": the connection was lost", lost);
        }
        return html.get();
    }

    /** Evaluations, newest first; each of the conditions may be null. */
    public List<JsonNode> evaluations(String project, Integer modelVersion, Integer datasetVersion, int most) {
        return Pages.items(
                service,
                most,
                (cursor, limit) ->
                        evaluations.listEvaluations(cursor, datasetVersion, limit, modelVersion, project, null));
    }

    /**
     * Starts a search for parameters.
     *
     * @param request its fields, as the API names them
     */
    public JsonNode startSearch(ObjectNode request) {
        String key = UUID.randomUUID().toString();
        NewSearch search = Json.as(request, NewSearch.class);
        return service.tree(() -> searches.startSearch(search, key, null));
    }

    /** A search with its trials. */
    public JsonNode search(String id) {
        return service.tree(() -> searches.getSearch(id));
    }

    /** Searches, newest first; project may be null. */
    public List<JsonNode> searches(String project, int most) {
        return Pages.items(service, most, (cursor, limit) -> searches.listSearches(cursor, limit, project, null));
    }

    public JsonNode cancelSearch(String id) {
        return service.tree(() -> searches.cancelSearch(id, null));
    }

    /** Deletes a search that has ended, and its trials. */
    public void deleteSearch(String id) {
        service.call(() -> {
            searches.deleteSearch(id, null);
            return null;
        });
    }

    /**
     * Two runs or evaluations image by image.
     *
     * @param most most images that the models predict different labels for, 1..1000
     */
    public JsonNode comparison(String id, String other, int most) {
        return service.tree(() -> runs.compareRunWith(id, other, null, most, null));
    }

    private static List<JsonNode> items(JsonNode list) {
        List<JsonNode> items = new ArrayList<>();
        list.path("items").forEach(items::add);
        return items;
    }

    /** Newest first; project, state and kind may be null. */
    public List<JsonNode> runs(String project, String state, String kind, boolean trials, int most) {
        return Pages.items(
                service, most, (cursor, limit) -> runs.callList(cursor, kind, limit, project, state, trials));
    }

    public JsonNode cancel(String id) {
        return service.tree(() -> runs.cancel(id, null));
    }

    /** Deletes a run that has ended. */
    public void delete(String id) {
        service.call(() -> {
            runs.delete(id, null);
            return null;
        });
    }

    /** Whether a run has ended. */
    public static boolean isFinal(JsonNode run) {
        return FINAL_STATES.contains(run.path("state").asText());
    }

    /**
     * Reports each change of a run, and returns the run when it has ended. Reconnects when the connection is lost.
     *
     * @throws ClientException when the service stays away
     */
    public JsonNode follow(String id, Consumer<JsonNode> changes) {
        for (int connection = 0; connection < RECONNECTS; connection++) {
            AtomicReference<JsonNode> last = new AtomicReference<>();
            RunsApi following = new RunsApi(service.receiving(body -> readEvents(body, run -> {
                last.set(run);
                changes.accept(run);
            })));
            try {
                service.call(() -> following.events(id));
            } catch (UncheckedIOException lost) {
                // The state of the run is read below.
            }
            if (last.get() != null && isFinal(last.get())) {
                return last.get();
            }
            JsonNode run = run(id);
            changes.accept(run);
            if (isFinal(run)) {
                return run;
            }
        }
        throw new ClientException(
                "run " + id + ": the connection was lost repeatedly; see its state with ./loupe runs show " + id);
    }

    private static void readEvents(InputStream stream, Consumer<JsonNode> changes) throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
        StringBuilder data = new StringBuilder();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.startsWith("data:")) {
                data.append(line.substring("data:".length()).strip());
            } else if (line.isEmpty() && !data.isEmpty()) {
                JsonNode run = Json.read(data.toString());
                data.setLength(0);
                changes.accept(run);
            }
        }
    }

    /**
     * Reads the trainer's log so far, or until the run is over.
     *
     * @throws UncheckedIOException when the connection is lost
     */
    public void logs(String id, boolean follow, BodyReader reader) {
        RunsApi reading = new RunsApi(service.receiving(reader));
        service.call(() -> reading.logs(id, follow));
    }

    public List<JsonNode> backbones() {
        return Pages.items(service, 1_000, backbones::callList);
    }

    /**
     * @param file an ONNX network
     * @param name it gets
     * @param input how its input is prepared
     */
    public JsonNode importBackbone(Path file, String name, BackboneInput input) {
        BodyPublisher body;
        try {
            body = BodyPublishers.ofFile(file);
        } catch (FileNotFoundException absent) {
            throw new ClientException(file + ": there is no such file", absent);
        }
        BackbonesApi uploads = new BackbonesApi(service.sending(body));
        return service.tree(() -> uploads.importFile(
                file.toFile(), input.mean(), name, Double.toString(input.scale()), input.std(), null));
    }
}
