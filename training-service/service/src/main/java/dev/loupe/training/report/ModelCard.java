package dev.loupe.training.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.model.ModelManifest;
import dev.loupe.training.run.Run;
import java.util.ArrayList;
import java.util.List;

/**
 * The model card of a report, from what is known of the model.
 *
 * @param use what the model does, in sentences
 * @param limits what its figures do not cover, in sentences
 * @param images what it has learned from and is evaluated on
 * @param lineage where the model, the images and the figures come from
 * @param request body of the request that trains it again
 */
record ModelCard(List<String> use, List<String> limits, ImageCounts images, List<Fact> lineage, String request) {

    static ModelCard of(ReportSources sources, ObjectMapper json) {
        ImageCounts counts = ImageCounts.of(sources);
        return new ModelCard(
                use(sources), Limits.of(sources, counts), counts, LineageFacts.of(sources), request(sources, json));
    }

    private static List<String> use(ReportSources sources) {
        List<String> use = new ArrayList<>();
        List<String> labels = sources.report().labels();
        ModelManifest model = sources.lineage().model();
        if (sources.report().task() == Task.CLASSIFICATION) {
            use.add("Classifies images of the kind of project %s. It predicts one of %d labels: %s."
                    .formatted(sources.evaluation().model().project(), labels.size(), Limits.named(labels)));
            use.add("It predicts one of these labels for each image, also for an image that shows none of them.");
        } else {
            use.add(
                    "Finds anomalies in images of the kind of project %s. It gives an image an anomaly score and an anomaly map."
                            .formatted(sources.evaluation().model().project()));
            detector(sources, use);
        }
        if (model != null) {
            use.add("It sees each image at %d x %d pixels: what is not visible at that size has no effect."
                    .formatted(
                            model.preprocessing().width(), model.preprocessing().height()));
        }
        return List.copyOf(use);
    }

    private static void detector(ReportSources sources, List<String> use) {
        ModelManifest model = sources.lineage().model();
        if (sources.report().detection() != null) {
            String how = model == null || model.threshold() == null
                    ? null
                    : model.threshold().how();
            use.add("From a score of %s on, an image is anomalous.%s"
                    .formatted(
                            FigureText.number(sources.report().detection().threshold()),
                            how == null ? "" : " How this threshold was chosen: " + how + "."));
        }
        DatasetManifest images = sources.lineage().images();
        if (images != null
                && images.images().stream()
                        .filter(image -> image.split() == Split.TRAIN)
                        .allMatch(image -> image.label().equals(DatasetManifest.NORMAL))) {
            use.add(
                    "It has learned from normal images only: what differs from them is anomalous, be it a defect or not.");
        }
    }

    /** The body of {@code POST /api/v1/runs} that trains the model again; empty if its run was deleted. */
    private static String request(ReportSources sources, ObjectMapper json) {
        Run trained = sources.lineage().trained();
        if (trained == null) {
            return "";
        }
        Recipe recipe = sources.recipe();
        ObjectNode body = json.createObjectNode()
                .put("project", trained.data().project())
                .put("datasetVersion", trained.data().datasetVersion());
        body.putObject("recipe").put("name", recipe.name()).set("parameters", json.valueToTree(recipe.parameters()));
        body.put("seed", trained.settings().seed());
        try {
            return json.writerWithDefaultPrettyPrinter().writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("run " + trained.id() + ": its request cannot be written as JSON", e);
        }
    }
}
