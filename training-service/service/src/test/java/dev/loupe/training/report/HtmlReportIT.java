package dev.loupe.training.report;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.training.MetricPoint;
import dev.loupe.contracts.training.TestResults;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.ObjectRef;
import dev.loupe.events.v1.Task;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.training.FakeTrainer;
import dev.loupe.training.Scene;
import dev.loupe.training.TrainerProcessResource;
import dev.loupe.training.metric.MetricHistory;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.imageio.ImageIO;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class HtmlReportIT {
    private static final String HOSTILE =
            "<script>alert('1')</script>\"><img src=x onerror=alert(2)>&amp;{report.title}";

    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @Inject
    MetricHistory history;

    @Inject
    ObjectMapper json;

    /** An image of the size, stored as dataset-service stores it; its entry in a manifest. */
    private Entry image(int seed, int width, int height, String label, Split split) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(seed * 37 % 256, seed * 91 % 256, 128));
        graphics.fillRect(0, 0, width, height);
        graphics.dispose();
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return stored(png.toByteArray(), seed + ".png", label, split);
    }

    private Entry stored(byte[] content, String name, String label, Split split) {
        String sha256 = Sha256.of(content);
        String key = "images/" + sha256.substring(0, 2) + "/" + sha256;
        store.put(new ObjectLocation(storage.bucket(), key), content, "image/png");
        return new Entry(sha256, key, content.length, name, label, split, 1, 1, null, null);
    }

    /** A frozen version of a new project, with a manifest. */
    private String freeze(Task task, List<Entry> images) throws IOException {
        DatasetVersionFrozen.Builder version = Scene.version(task);
        byte[] manifest = json.writeValueAsBytes(new DatasetManifest(
                1,
                version.getProjectId(),
                version.getProjectName(),
                dev.loupe.contracts.Task.valueOf(task.name()),
                version.getDatasetVersionId(),
                1,
                1,
                storage.bucket(),
                task == Task.CLASSIFICATION ? List.of("a", "b") : List.of("normal", "abnormal"),
                version.getTestDigest(),
                images));
        store.put(new ObjectLocation(storage.bucket(), version.getManifest().getKey()), manifest, "application/json");
        Scene.freeze(version.setManifest(ObjectRef.newBuilder(version.getManifest())
                        .setBucket(storage.bucket())
                        .setSha256(Sha256.of(manifest)))
                .build());
        return version.getProjectName();
    }

    private static String trained(String project, Map<String, Object> recipe) {
        String run = Scene.submit(project, recipe, FakeTrainer.SUCCEED, null)
                .then()
                .statusCode(202)
                .extract()
                .path("id");
        Scene.awaitState(run, "SUCCEEDED");
        return run;
    }

    private static String trained(String project) {
        return trained(project, Map.of("name", "transfer"));
    }

    /** Replaces the evaluation that the trainer has stored. */
    private void evaluated(String run, EvaluationReport report, String project) throws IOException {
        put(run, Evaluation.key(1), ReportScene.evaluation(report, run, project));
    }

    private void put(String run, String key, Object document) throws IOException {
        store.put(
                new ObjectLocation(storage.bucket(), "runs/" + run + "/" + key),
                json.writeValueAsBytes(document),
                "application/json");
    }

    private static TestResults.Image wrong(Entry image, String name, double score, TestResults.Slice heatmap) {
        return new TestResults.Image(image.sha256(), name, "a", null, "b", score, Map.of("b", score), heatmap);
    }

    private static Response get(String evaluation) {
        return given().accept("text/html").get("/api/v1/evaluations/{evaluation}/report", evaluation);
    }

    private static Document report(String evaluation) {
        Response response = get(evaluation);
        assertEquals(200, response.statusCode(), response.asString());
        return Jsoup.parse(response.asString());
    }

    private static List<String> texts(Element page, String selector) {
        return page.select(selector).eachText();
    }

    /** The exact figure of a cell, null if it has none. */
    private static Double figure(Element cell) {
        Element data = cell.selectFirst("data");
        return data == null ? null : Double.valueOf(data.attr("value"));
    }

    private static Double number(JsonNode value) {
        return value.isNumber() ? value.asDouble() : null;
    }

    @Test
    void figuresAreThoseOfTheEvaluation() throws IOException {
        String project = freeze(Task.CLASSIFICATION, List.of());
        String run = trained(project);
        evaluated(run, ReportScene.classifier("bad"), project);

        JsonNode document =
                json.readTree(given().get("/api/v1/evaluations/" + run).asByteArray());
        JsonNode figures = document.at("/evaluation/report");
        Document page = report(run);

        assertEquals(3, page.select("#metrics tbody tr").size());
        int row = 0;
        for (Map.Entry<String, JsonNode> metric : figures.path("metrics").properties()) {
            Element cells = page.select("#metrics tbody tr").get(row++);
            assertEquals(
                    FigureText.name(metric.getKey()), cells.selectFirst("th").text());
            assertEquals(number(metric.getValue().path("value")), figure(cells.child(1)));
            assertEquals(number(metric.getValue().path("low")), figure(cells.child(2)));
            assertEquals(number(metric.getValue().path("high")), figure(cells.child(3)));
            assertEquals(number(document.at("/control/metrics").path(metric.getKey())), figure(cells.child(4)));
        }
        for (int i = 0; i < figures.path("classes").size(); i++) {
            JsonNode label = figures.path("classes").get(i);
            Element cells = page.select("#labels tbody tr").get(i);
            assertEquals(label.path("label").asText(), cells.child(0).text());
            assertEquals(label.path("support").asText(), cells.child(1).text());
            List<String> names = List.of("precision", "recall", "f1", "auroc", "averagePrecision");
            for (int j = 0; j < names.size(); j++) {
                assertEquals(number(label.path(names.get(j))), figure(cells.child(2 + j)), names.get(j));
            }
        }
        assertEquals(0.9267, figure(page.select("#labels tfoot tr").get(1).child(3)));
        assertEquals(List.of("23", "2", "1", "14"), texts(page, "#confusion tbody td"));
        assertEquals(List.of("ROC curve", "Precision and recall", "Reliability"), texts(page, ".plots h3"));

        assertEquals(0.925, figure(page.selectFirst("#main .value-of-main")));
        assertEquals(0.5, figure(page.selectFirst("#main-control")));
        assertTrue(page.select("#main li").text().contains("the right label for 92.5 % of the 40 TEST images"));
        assertTrue(page.select("#main li").text().contains("95 % interval is 85.0 % to 100.0 %"));
        assertTrue(
                page.select("#main li")
                        .text()
                        .contains(
                                "+25.0 percentage points (95 % interval +12.5 to +37.5): the model is better than its control"));
        assertTrue(page.select(".warning").isEmpty());
    }

    @Test
    void saysThatTheModelIsNotBetterThanItsControlAndWhatTheLossesShow() throws IOException {
        String project = freeze(Task.CLASSIFICATION, List.of());
        String run = Scene.run(project, FakeTrainer.NO_BETTER_THAN_CONTROL);
        Scene.awaitState(run, "SUCCEEDED");
        List<MetricPoint> points = new ArrayList<>();
        for (int epoch = 1; epoch <= 20; epoch++) {
            points.add(new MetricPoint(
                    "train",
                    epoch,
                    Instant.now(),
                    Map.of("loss", 1.0 / epoch, "devLoss", 0.5 + 0.1 * Math.abs(epoch - 8), "devAccuracy", 0.9)));
        }
        history.add(UUID.fromString(run), 2, points);
        Document page = report(run);

        String warning = "The model is not shown to be better than its control (transfer on a random network)."
                + " Try a pretrained backbone.";
        assertEquals(List.of(warning), texts(page, ".warning"));
        assertTrue(texts(page, "#limits li").contains(warning));
        assertTrue(page.select("#main li").text().contains("the model is not shown to be better than its control"));
        assertEquals(1, page.select("#training li").size());
        assertTrue(page.select("#training li").text().startsWith("Overfitting: after epoch 8"));
    }

    @Test
    void aRunWithoutAControlSaysSo() throws IOException {
        String project = freeze(Task.CLASSIFICATION, List.of());
        String run = given().contentType(ContentType.JSON)
                .body(Map.of("project", project, "recipe", Map.of("name", "transfer"), "withControl", false))
                .post("/api/v1/runs")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
        Scene.awaitState(run, "SUCCEEDED");
        Document page = report(run);

        assertTrue(page.select("#main-control, #training").isEmpty());
        assertTrue(texts(page, "#limits li").stream().anyMatch(limit -> limit.startsWith("No control shows")));
    }

    @Test
    void modelCardHasTheLineageAndItsLimits() throws IOException {
        List<Entry> images = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            images.add(image(i, 8, 8, i < 12 ? "good" : "bad", i == 11 ? Split.DEV : Split.TRAIN));
        }
        String project = freeze(Task.CLASSIFICATION, images);
        String run = trained(project);
        evaluated(run, ReportScene.classifier("bad"), project);
        Document page = report(run);

        assertEquals(
                List.of("good", "11", "1", "25"),
                page.select("#images tbody tr").first().children().eachText());
        assertEquals(
                List.of("bad", "2", "0", "15"),
                page.select("#images tbody tr").last().children().eachText());
        assertEquals(
                List.of("All", "13", "1", "40"),
                page.select("#images tfoot tr").first().children().eachText());
        List<String> limits = texts(page, "#limits li");
        assertTrue(limits.contains("Labels with fewer than 10 TRAIN images: bad (2)."), limits.toString());
        assertTrue(limits.stream().noneMatch(limit -> limit.contains("fewer than 10 TEST")), limits.toString());
        assertTrue(limits.stream().noneMatch(limit -> limit.startsWith("No control")), limits.toString());
        assertTrue(texts(page, "#use li").getFirst().contains("one of 2 labels: good, bad."));
        List<String> lineage = texts(page, "#lineage tr");
        assertTrue(lineage.contains("Recipe transfer"), lineage.toString());
        assertTrue(lineage.contains("Seed " + FakeTrainer.SUCCEED), lineage.toString());
        assertTrue(lineage.contains("Digest of the model file " + "ab".repeat(32)), lineage.toString());
        assertTrue(lineage.contains("Learned from dataset version 1 of " + project), lineage.toString());

        JsonNode request = json.readTree(page.selectFirst("#request").text());
        assertEquals(
                Scene.get(run).<String>path("recipe.name"),
                request.at("/recipe/name").asText());
        given().contentType(ContentType.JSON)
                .body(request.toString())
                .post("/api/v1/runs")
                .then()
                .statusCode(202)
                .body(
                        "seed",
                        equalTo((int) FakeTrainer.SUCCEED),
                        "recipe",
                        equalTo(Scene.get(run).path("recipe")));
    }

    @Test
    void anEvaluationOnImagesThatTheModelHasLearnedFromIsMarked() throws IOException {
        Entry known = image(1, 8, 8, "a", Split.TRAIN);
        String project = freeze(Task.CLASSIFICATION, List.of(known));
        String run = trained(project);
        String elsewhere = freeze(
                Task.CLASSIFICATION,
                List.of(
                        new Entry(
                                known.sha256(), known.key(), known.size(), "1.png", "a", Split.TEST, 8, 8, null, null),
                        image(2, 8, 8, "a", Split.TEST)));
        String id = given().contentType(ContentType.JSON)
                .body(Map.of("run", run, "datasetProject", elsewhere, "datasetVersion", 1))
                .post("/api/v1/evaluations")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
        Scene.awaitState(id, "SUCCEEDED");
        Document page = report(id);
        assertEquals(
                "The model has learned from, or was chosen on, 1 of the 4 TEST images: the metrics are too good.",
                page.select(".warning").first().text());
        assertTrue(texts(page, "#limits li")
                .contains(page.select(".warning").first().text()));
        assertTrue(page.selectFirst("#data").text().endsWith("of dataset version 1 of " + elsewhere + "."));
        assertTrue(texts(page, "#lineage tr").contains("Learned from dataset version 1 of " + project));
    }

    @Test
    void surestErrorsHaveTheirThumbnails() throws IOException {
        List<Entry> images = new ArrayList<>();
        List<TestResults.Image> results = new ArrayList<>();
        for (int i = 0; i < 26; i++) {
            images.add(image(i, 8, 8, "a", Split.TEST));
            results.add(wrong(images.get(i), "image " + i, 0.5 + i / 100.0, null));
        }
        String project = freeze(Task.CLASSIFICATION, images);
        String run = trained(project);
        evaluated(run, ReportScene.classifier("bad"), project);
        // The surest one has none.
        putThumbnails(
                run, null, results, TestResults.surestErrors(results, null).subList(1, 24));

        keep(get(run), "thumbnails");
        Document page = report(run);
        assertEquals(24, page.select("#wrong figure").size());
        assertTrue(page.select("#wrong figure").first().select("img").isEmpty());
        assertTrue(page.select("#wrong figcaption").first().text().startsWith("image 25 a, predicted as b"));
        assertEquals("image 24", page.select("#wrong img").first().attr("alt"));
        assertEquals(23, page.select("#wrong img").size());
        for (Element image : page.select("#wrong img")) {
            BufferedImage jpeg = decoded(image.attr("src"), "image/jpeg");
            assertEquals(
                    "image " + jpeg.getWidth() + " a", // the width says which one it is
                    image.closest("figure").select("figcaption").text().replaceFirst(", predicted.*", ""));
        }
        assertEquals(
                "3 of the TEST images; the surest 24 are shown, the surest first.",
                page.select("#wrong-count").text());
    }

    /** Stores results with thumbnails. The width of a thumbnail is the index of its result, at least 1. */
    private void putThumbnails(
            String run, Double threshold, List<TestResults.Image> results, List<TestResults.Image> shown)
            throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Map<String, TestResults.Slice> places = new HashMap<>();
        for (TestResults.Image each : shown) {
            ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
            int width = Math.max(1, results.indexOf(each));
            ImageIO.write(new BufferedImage(width, 1, BufferedImage.TYPE_INT_RGB), "jpeg", jpeg);
            places.put(each.sha256(), new TestResults.Slice(all.size(), jpeg.size()));
            jpeg.writeTo(all);
        }
        store.put(
                new ObjectLocation(storage.bucket(), "runs/" + run + "/" + TestResults.thumbnailsKey(1)),
                all.toByteArray(),
                "application/octet-stream");
        put(run, TestResults.key(1), new TestResults(threshold, results, places));
    }

    private static BufferedImage decoded(String uri, String type) throws IOException {
        String start = "data:" + type + ";base64,";
        assertTrue(uri.startsWith(start), uri);
        byte[] content = Base64.getDecoder().decode(uri.substring(start.length()));
        assertTrue(content.length <= WrongImage.MAX_BYTES, content.length + " bytes");
        return ImageIO.read(new ByteArrayInputStream(content));
    }

    @Test
    void errorsOfADetectorHaveTheHeatmapOverTheImage() throws IOException {
        List<Entry> images = List.of(image(1, 32, 24, "normal", Split.TRAIN), image(2, 32, 24, "normal", Split.TEST));
        String project = freeze(Task.ANOMALY_DETECTION, images);
        String run = trained(project, Map.of("name", "patchcore"));
        evaluated(run, ReportScene.detector(), project);
        byte[] heatmap =
                store.read(new ObjectLocation(storage.bucket(), "runs/" + run + "/" + TestResults.heatmapsKey(1)));
        TestResults.Image found =
                new TestResults.Image("e".repeat(64), "found.png", "abnormal", "hole", "abnormal", 5, Map.of(), null);
        TestResults.Image missed =
                new TestResults.Image("f".repeat(64), "missed.png", "abnormal", "hole", "normal", 2.5, Map.of(), null);
        TestResults.Image alarm = new TestResults.Image(
                images.get(1).sha256(),
                "alarm.png",
                "normal",
                null,
                "abnormal",
                6,
                Map.of(),
                new TestResults.Slice(0, heatmap.length / 4));
        List<TestResults.Image> results = List.of(found, missed, alarm);
        putThumbnails(run, 3.0, results, List.of(alarm));

        keep(get(run), "detector");
        Document page = report(run);
        assertEquals(List.of("hole 2 1"), texts(page, "#defects tbody tr"));
        assertTrue(page.select("#localization").isEmpty());
        Element first = page.select("#wrong figure").first();
        assertEquals(
                "alarm.png normal, predicted as abnormal (6.0000)",
                first.select("figcaption").text());
        assertEquals(
                2,
                decoded(first.select("img").first().attr("src"), "image/jpeg").getWidth());
        assertEquals(
                8, decoded(first.select("img.heatmap").attr("src"), "image/png").getWidth());
        assertEquals(
                "missed.png abnormal, hole, predicted as normal (2.5000)",
                page.select("#wrong figcaption").last().text());
        assertEquals(List.of("Anomaly scores"), texts(page, ".plots h3"));
        assertEquals("Main metric: AUROC", page.select("#main h2").text());
        assertTrue(page.select("#main li")
                .text()
                .contains("At the threshold 3.0000, the model finds 66.7 % of the abnormal images"));
        assertTrue(texts(page, "#use li").stream()
                .anyMatch(use -> use.startsWith("It has learned from normal images only")));
    }

    @Test
    void masksGiveMetricsOfPixelsAndOfEachKindOfDefect() throws IOException {
        String project = freeze(Task.ANOMALY_DETECTION, List.of(image(1, 32, 24, "normal", Split.TRAIN)));
        String run = trained(project, Map.of("name", "patchcore"));
        evaluated(run, ReportScene.detectorWithMasks(), project);
        TestResults.Image found =
                new TestResults.Image("e".repeat(64), "found.png", "abnormal", "hole", "abnormal", 5, Map.of(), null);
        TestResults.Image missed =
                new TestResults.Image("f".repeat(64), "missed.png", "abnormal", "hole", "normal", 2.5, Map.of(), null);
        putThumbnails(run, 3.0, List.of(found, missed), List.of(missed));

        Document page = report(run);
        assertTrue(texts(page, "#metrics tbody tr").contains("AUPRO 0.8125 0.7500 0.8750"));
        assertEquals(List.of("hole 2 1 0.7813"), texts(page, "#defects tbody tr"));
        assertEquals("0.78125", page.select("#defects data").attr("value"));
        String note = page.select("#localization").text();
        assertTrue(note.contains("6144 pixels of 8 images, with 4 regions of defects"), note);
        assertTrue(note.contains("1 abnormal image without a mask is left out"), note);
        given().get("/api/v1/runs/" + run + "/evaluation")
                .then()
                .statusCode(200)
                .body("report.detection.localization.regions", equalTo(4))
                .body("report.detection.defects[0].aupro", equalTo(0.78125f));
    }

    @Test
    void fileNeedsNoOtherAndRunsNoScript() throws IOException {
        String project = freeze(Task.CLASSIFICATION, List.of());
        String run = trained(project);
        evaluated(run, ReportScene.classifier("bad"), project);
        Response response = get(run);
        response.then()
                .statusCode(200)
                .contentType("text/html; charset=utf-8")
                .header("X-Content-Type-Options", "nosniff")
                .header("Content-Security-Policy", containsString("default-src 'none'"))
                .header("Content-Disposition", "inline; filename=\"report-" + run + ".html\"");
        Document page = Jsoup.parse(response.asString());
        assertFalse(response.asString().contains("http:") || response.asString().contains("https:"));
        assertTrue(page.select("script, iframe, object, embed, form, base, style[src]")
                .isEmpty());
        assertTrue(page.select("[src], [href]").stream()
                .allMatch(element -> (element.attr("src") + element.attr("href")).startsWith("data:")));
        assertTrue(page.getAllElements().stream()
                .flatMap(element -> element.attributes().asList().stream())
                .noneMatch(attribute -> attribute.getKey().startsWith("on")));
        keep(response, "classifier");
    }

    @Test
    void namesStayText() throws IOException {
        Entry entry = image(1, 8, 8, "a", Split.TEST);
        String run = trained(freeze(Task.CLASSIFICATION, List.of(entry)));
        evaluated(run, ReportScene.classifier(HOSTILE), HOSTILE);
        List<TestResults.Image> results = List.of(wrong(entry, HOSTILE, 0.75, null));
        putThumbnails(run, null, results, results);

        Document page = report(run);
        assertTrue(page.select("script").isEmpty());
        assertEquals(1, page.select("img").size());
        assertTrue(page.select("[onerror]").isEmpty());
        assertTrue(page.title().contains(HOSTILE), page.title());
        assertTrue(page.select("h1").text().contains(HOSTILE), page.select("h1").text());
        assertEquals(HOSTILE, page.select("#labels tbody tr").last().child(0).text());
        assertEquals(HOSTILE, page.select("#wrong img").attr("alt"));
        assertTrue(page.select("#lineage td").eachText().contains(HOSTILE));
    }

    @Test
    void aRunWithoutAnEvaluationSaysSo() {
        get(UUID.randomUUID().toString())
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("code", equalTo("RUN_NOT_FOUND"));
        String failed = Scene.run(FakeTrainer.FAIL);
        Scene.awaitState(failed, "FAILED");
        get(failed)
                .then()
                .statusCode(404)
                .body("code", equalTo("EVALUATION_NOT_FOUND"), "detail", containsString("FAILED"));
        String old = Scene.run(FakeTrainer.SUCCEED);
        Scene.awaitState(old, "SUCCEEDED");
        store.delete(new ObjectLocation(storage.bucket(), "runs/" + old + "/" + TestResults.key(1)));
        get(old).then().statusCode(200);
        store.delete(new ObjectLocation(storage.bucket(), "runs/" + old + "/" + Evaluation.key(1)));
        get(old).then().statusCode(404).body("code", equalTo("EVALUATION_NOT_FOUND"));
        given().accept("image/png")
                .get("/api/v1/evaluations/" + old + "/report")
                .then()
                .statusCode(406);
    }

    /** For a look at it in a browser. */
    private static void keep(Response report, String name) throws IOException {
        Files.write(Path.of("target", "report-" + name + ".html"), report.asByteArray());
    }
}
