package dev.loupe.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.evaluation.EvaluationReport.Average;
import dev.loupe.contracts.evaluation.EvaluationReport.Averages;
import dev.loupe.contracts.evaluation.EvaluationReport.Bootstrap;
import dev.loupe.contracts.evaluation.EvaluationReport.Calibration;
import dev.loupe.contracts.evaluation.EvaluationReport.CalibrationBin;
import dev.loupe.contracts.evaluation.EvaluationReport.ClassReport;
import dev.loupe.contracts.evaluation.EvaluationReport.ConfusionCell;
import dev.loupe.contracts.evaluation.EvaluationReport.CurvePoint;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.evaluation.EvaluationReport.Temperature;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.AttemptClaim;
import dev.loupe.contracts.training.AttemptClient;
import dev.loupe.contracts.training.Control;
import dev.loupe.contracts.training.LabelIssues;
import dev.loupe.contracts.training.LearningCurve;
import dev.loupe.contracts.training.MetricPoint;
import dev.loupe.contracts.training.NearestNormal;
import dev.loupe.contracts.training.ObjectAccess;
import dev.loupe.contracts.training.ObjectAccess.AccessRequest;
import dev.loupe.contracts.training.PredictionCounts;
import dev.loupe.contracts.training.PredictionCounts.LabelCount;
import dev.loupe.contracts.training.Selection;
import dev.loupe.contracts.training.Selection.Candidate;
import dev.loupe.contracts.training.SimilarImages;
import dev.loupe.contracts.training.TestResults;
import dev.loupe.contracts.training.TestResults.Slice;
import dev.loupe.contracts.training.TrainerExit;
import dev.loupe.contracts.training.TrainerReport;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Failure;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.BackboneFile;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.storage.Sha256;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/**
 * Fake of the trainer: a process that claims its attempt, reports, writes a result and ends with an exit code like the
 * trainer, and neither trains nor evaluates. The seed of the run chooses what it does.
 */
public final class FakeTrainer {
    /** Succeeds at once. */
    public static final long SUCCEED = 1;
    /** Runs until a file {@code go} exists in its work directory; a later attempt succeeds at once. */
    public static final long HOLD = 2;
    /** Fails with a failure that is not retryable. */
    public static final long FAIL = 3;
    /** Fails with a retryable failure, in each attempt. */
    public static final long FAIL_FOR_NOW = 4;
    /** Ends with exit code 2. */
    public static final long MISCONFIGURED = 5;

    /** Finds its disk full: reports it twice by its result and once by its exit code; then succeeds. */
    public static final long NO_SPACE = 6;

    /** Succeeds with a control that is as good as the model. */
    public static final long NO_BETTER_THAN_CONTROL = 7;

    /** Trials with this batch size fail. */
    public static final int FAILING_BATCH_SIZE = 13;

    private static final NearestNormal UNLIKE = new NearestNormal(
            new NearestNormal.Place(0.25, 0.5, 0.125, 0.125),
            "a".repeat(64),
            "good.png",
            new NearestNormal.Place(0, 0.5, 0.125, 0.25),
            1.5);

    private final ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
    private final TrainerSpec spec;
    private final Path folder;
    private final AttemptClient service;
    private long sequence;

    private FakeTrainer(File file) throws IOException {
        spec = json.readValue(file, TrainerSpec.class);
        folder = Path.of(spec.workDirectory());
        String token = Objects.requireNonNull(System.getenv("LOUPE_REPORT_TOKEN"), "no token");
        service = new AttemptClient(spec, json, request -> withHeaders(request, token), Duration.ofSeconds(30), null);
    }

    public static void main(String... args) throws Exception {
        FakeTrainer trainer;
        try {
            trainer = new FakeTrainer(new File(args[0]));
        } catch (IOException | NullPointerException e) {
            System.out.println("bad configuration: " + e);
            System.exit(TrainerExit.BAD_CONFIGURATION);
            return;
        }
        System.exit(trainer.run());
    }

    private static HttpRequest.Builder withHeaders(HttpRequest.Builder request, String token) {
        Optional.ofNullable(System.getenv("TRACEPARENT")).ifPresent(trace -> request.header("traceparent", trace));
        return request.header("Authorization", "Bearer " + token);
    }

    /** Reads the file of the model to import. */
    private void requireImported() throws Exception {
        BackboneFile file = spec.imported().file();
        URI url = URI.create(service.grant(new ObjectAccess.Request(
                        List.of(new AccessRequest(ObjectAccess.Access.READ, file.bucket(), file.key()))))
                .addresses()
                .getFirst());
        try (HttpClient http = HttpClient.newHttpClient()) {
            byte[] network = http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofByteArray())
                    .body();
            if (!Sha256.of(network).equals(file.sha256())) {
                throw new IllegalStateException("the imported model has another digest");
            }
        }
    }

    private int run() throws Exception {
        if (!AttemptClaim.tryClaim(folder)) {
            return TrainerExit.ALREADY_CLAIMED;
        }
        System.out.println("attempt " + spec.attempt() + " of " + spec.projectName());
        System.out.println("TRACEPARENT=" + System.getenv("TRACEPARENT"));
        Files.createDirectories(folder.resolve("scratch"));
        if (spec.seed() == MISCONFIGURED) {
            return TrainerExit.BAD_CONFIGURATION;
        }
        if (spec.seed() == NO_SPACE && spec.attempt() == 3) {
            return TrainerExit.NO_SPACE;
        }
        boolean inProgress = report("train", 1, 2);
        while (spec.seed() == HOLD && spec.attempt() == 1 && !Files.exists(folder.resolve("go")) && inProgress) {
            Thread.sleep(50);
            inProgress = report("train", 1, 2);
        }
        if (spec.imported() != null) {
            requireImported();
        }
        if (spec.extend() != null) {
            read(spec.extend().model());
            read(spec.extend().images());
        }
        if (spec.devOnly()) {
            write(spec.resultKey(), json.writeValueAsBytes(trial(inProgress)));
            report("validate", 1, 1);
            return TrainerExit.DONE;
        }
        String trained = spec.evaluate() == null || !inProgress ? spec.runId() : trainedBy();
        writeTestResults(trained);
        if (spec.checkLabels()) {
            writeLabelIssues();
        }
        byte[] manifest = packageManifest(trained);
        if (spec.evaluate() == null) {
            write(packageKey(), manifest);
        }
        write(spec.resultKey(), json.writeValueAsBytes(result(inProgress, manifest)));
        report("upload", 1, 1);
        System.out.println("done");
        return TrainerExit.DONE;
    }

    /** The run that trained the model to evaluate, according to its package. */
    private String trainedBy() throws Exception {
        return json.readTree(read(spec.evaluate())).at("/lineage/runId").asText();
    }

    private byte[] read(ManifestRef ref) throws Exception {
        AccessRequest read = new AccessRequest(ObjectAccess.Access.READ, ref.bucket(), ref.key());
        URI url = URI.create(service.grant(new ObjectAccess.Request(List.of(read)))
                .addresses()
                .getFirst());
        try (HttpClient http = HttpClient.newHttpClient()) {
            byte[] manifest = http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofByteArray())
                    .body();
            if (!Sha256.of(manifest).equals(ref.sha256())) {
                throw new IllegalStateException(ref.key() + " has another digest");
            }
            return manifest;
        }
    }

    private String packageKey() {
        return spec.output().prefix() + "package/manifest.json";
    }

    /** Manifest of a package without files. */
    private byte[] packageManifest(String run) throws IOException {
        boolean detector = spec.recipe().name().equals("patchcore");
        return """
                {"formatVersion": 1, "task": "%s", "labels": %s, "threshold": %s,
                 "input": {"name": "image", "type": "float32", "shape": [-1, 3, 8, 8]},
                 "preprocessing": {"width": 8, "height": 8, "scale": 1, "mean": [0, 0, 0], "std": [1, 1, 1]},
                 "outputs": [], "metrics": {}, "paritySamples": [], "lineage": {"runId": "%s", "attempt": 1, "extension": %s},
                 "files": {"model.onnx": {"sha256": "%s", "size": 1}}}""".formatted(
                        detector ? Task.ANOMALY_DETECTION : Task.CLASSIFICATION,
                        detector ? "[\"normal\", \"abnormal\"]" : "[\"a\", \"b\"]",
                        detector ? "{\"value\": 1.0}" : "null",
                        run,
                        extension(),
                        "ab".repeat(32))
                .getBytes(StandardCharsets.UTF_8);
    }

    private String extension() throws IOException {
        return spec.extend() == null
                ? "null"
                : json.writeValueAsString(Map.of(
                        "runId", spec.runId(),
                        "manifestSha256", spec.extend().model().sha256(),
                        "images", spec.extend().digests(),
                        "addedPatches", 3,
                        "coverageRadius", 0.5));
    }

    private TrainerResult result(boolean inProgress, byte[] manifest) {
        String again = spec.attempt() > 1 ? "epoch 7" : null;
        if (!inProgress) {
            return new TrainerResult(spec.attempt(), Outcome.CANCELLED, null, null, null, null, 0, 1, again, null);
        }
        if (spec.seed() == FAIL || spec.seed() == FAIL_FOR_NOW) {
            Failure failure = new Failure("DATA", "the images cannot be decoded", spec.seed() == FAIL_FOR_NOW);
            return new TrainerResult(spec.attempt(), Outcome.FAILED, failure, null, null, null, 0, 1, again, null);
        }
        if (spec.seed() == NO_SPACE && spec.attempt() < 3) {
            Failure failure = new Failure(Failure.NO_SPACE, "the trainer's disk is full", true);
            return new TrainerResult(spec.attempt(), Outcome.FAILED, failure, null, null, null, 0, 1, again, null);
        }
        return new TrainerResult(
                        spec.attempt(),
                        Outcome.SUCCEEDED,
                        null,
                        Map.of("accuracy", 0.75),
                        spec.evaluate() == null ? packageKey() : null,
                        spec.evaluate() == null ? Sha256.of(manifest) : null,
                        spec.evaluate() == null ? manifest.length : 0,
                        1.5,
                        again,
                        selection())
                .withTestCounts(new PredictionCounts(
                        4, Map.of("a", new LabelCount(2, 2), "b", new LabelCount(2, 1)), new byte[] {0b0111}))
                .with(spec.withControl() ? control() : null)
                .withWarnings(List.of("DEV has 4 images."));
    }

    private Control control() {
        boolean better = spec.seed() != NO_BETTER_THAN_CONTROL;
        double value = better ? 0.5 : 0.75;
        return new Control(
                spec.recipe().name() + " on a random network",
                spec.recipe().name().equals("patchcore") ? "auroc" : "accuracy",
                Split.TEST,
                4,
                10,
                value,
                Map.of("accuracy", value),
                new Estimate(0.75 - value, better ? 0.125 : -0.125, better ? 0.375 : 0.125),
                better ? Control.Verdict.BETTER : Control.Verdict.NOT_SHOWN_BETTER,
                better ? List.of() : List.of("Try a pretrained backbone."),
                0.5);
    }

    /**
     * Of a trial: it is the better the closer the learning rate is to 0.01, fails with {@link #FAILING_BATCH_SIZE}, and
     * has no package.
     */
    private TrainerResult trial(boolean inProgress) {
        boolean fails = Objects.equals(spec.recipe().parameters().get("batchSize"), FAILING_BATCH_SIZE);
        if (!inProgress || fails || spec.seed() == FAIL) {
            Failure failure = new Failure("DATA", "the images cannot be decoded", false);
            return new TrainerResult(
                    spec.attempt(),
                    inProgress ? Outcome.FAILED : Outcome.CANCELLED,
                    inProgress ? failure : null,
                    null,
                    null,
                    null,
                    0,
                    1,
                    null,
                    null);
        }
        double rate = ((Number) spec.recipe().parameters().get("learningRate")).doubleValue();
        double accuracy = 1 - Math.abs(Math.log10(rate / 0.01)) / 10;
        return new TrainerResult(
                spec.attempt(),
                Outcome.SUCCEEDED,
                null,
                Map.of(),
                null,
                null,
                0,
                1.5,
                null,
                null,
                Map.of("accuracy", accuracy, "logLoss", 0.5));
    }

    /** Of a recipe that chooses: the last of the backbones. */
    private Selection selection() {
        if (!spec.recipe().name().equals("auto")) {
            return null;
        }
        List<Candidate> candidates = spec.backbones().stream()
                .map(backbone -> new Candidate(
                        "transfer with " + backbone.name(),
                        new Recipe("transfer", Map.of("backbone", backbone.name())),
                        Map.of("accuracy", 0.75),
                        1.5,
                        null,
                        null))
                .toList();
        return new Selection(candidates.getLast().name(), "the last one", candidates);
    }

    /** Results of four TEST images, three of them right; those of a detector have heatmaps. */
    private void writeTestResults(String trained) throws Exception {
        List<TestResults.Image> images;
        if (spec.recipe().name().equals("patchcore")) {
            byte[] heatmap = heatmap();
            byte[] heatmaps = new byte[4 * heatmap.length];
            for (int i = 0; i < 4; i++) {
                System.arraycopy(heatmap, 0, heatmaps, i * heatmap.length, heatmap.length);
            }
            write(spec.output().prefix() + TestResults.heatmapsKey(spec.attempt()), heatmaps);
            images = List.of(
                    detected(0, "normal", null, 0.5, heatmap.length),
                    detected(1, "normal", null, 1.5, heatmap.length),
                    detected(2, "abnormal", "scratch", 3, heatmap.length),
                    detected(3, "abnormal", "hole", 2.25, heatmap.length));
        } else {
            images = List.of(
                    classified(0, "a", "a", 0.75), classified(1, "a", "b", 0.625),
                    classified(2, "b", "b", 1), classified(3, "b", "b", 0.5625));
        }
        write(spec.output().prefix() + Evaluation.key(spec.attempt()), json.writeValueAsBytes(evaluation(trained)));
        Double threshold = spec.recipe().name().equals("patchcore") ? 1.0 : null;
        write(
                spec.output().prefix() + TestResults.key(spec.attempt()),
                json.writeValueAsBytes(new TestResults(threshold, images, thumbnails(images, threshold))));
    }

    private Map<String, TestResults.Slice> thumbnails(List<TestResults.Image> images, Double threshold)
            throws Exception {
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "jpeg", jpeg);
        write(spec.output().prefix() + TestResults.thumbnailsKey(spec.attempt()), jpeg.toByteArray());
        return TestResults.surestErrors(images, threshold).stream()
                .collect(Collectors.toMap(TestResults.Image::sha256, _ -> new TestResults.Slice(0, jpeg.size())));
    }

    /** Three labels that are probably wrong, a learning curve, and a TRAIN image that the second TEST image looks like. */
    private void writeLabelIssues() throws Exception {
        List<LabelIssues.Issue> issues = IntStream.of(1, 2, 3)
                .mapToObj(number -> new LabelIssues.Issue(
                        Integer.toString(number).repeat(64),
                        number + ".png",
                        "a",
                        0.125 * number,
                        "b",
                        1 - 0.125 * number))
                .toList();
        write(
                spec.output().prefix() + LabelIssues.key(spec.attempt()),
                json.writeValueAsBytes(new LabelIssues(null, "scattering", 12, List.of("c"), 3, issues)));
        write(
                spec.output().prefix() + LearningCurve.key(spec.attempt()),
                json.writeValueAsBytes(new LearningCurve(
                        null,
                        "scattering",
                        12,
                        List.of(new LearningCurve.Point(10, new Estimate(0.75, 0.5, 1.0))),
                        new LearningCurve.Law(10, 0.125, 1, 0.125),
                        new Estimate(0.0625, 0.0, 0.125),
                        125)));
        SimilarImages.Similar similar = new SimilarImages.Similar("a".repeat(64), "train.png", "b", 0.875);
        write(
                spec.output().prefix() + SimilarImages.key(spec.attempt()),
                json.writeValueAsBytes(new SimilarImages("scattering", Map.of("1".repeat(64), List.of(similar)))));
    }

    private Evaluation evaluation(String trained) {
        return new Evaluation(
                Evaluation.FORMAT,
                new Evaluation.EvaluatedModel(trained, 1, spec.projectName(), "ab".repeat(32), "test"),
                new Evaluation.EvaluationData("version", 1, "cd".repeat(32), "ef".repeat(32), Split.TEST),
                new EvaluationReport(
                        Task.CLASSIFICATION,
                        List.of("a", "b"),
                        4,
                        Map.of("accuracy", new Estimate(0.75, 0.5, 1.0), "ece", new Estimate(0.125, null, null)),
                        new Bootstrap(1000, 0.95, true, spec.seed()),
                        List.of(new ClassReport(
                                "a", 2, 1, 1, 0.5, 0.6875, 1.0, 1.0, List.of(new CurvePoint(0, 0, null)), List.of())),
                        new Averages(new Average(1, 1, 1), new Average(1, 1, 1), new Average(1, 1, 1)),
                        List.of(new ConfusionCell("a", "b", 1)),
                        new Calibration(
                                List.of(new CalibrationBin(0, 1, 4, 0.75, 0.75)), new Temperature(1.5, 2, 0.125, 0.25)),
                        null),
                "2026-11-20T10:15:30Z");
    }

    private static byte[] heatmap() throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(8, 6, BufferedImage.TYPE_INT_ARGB), "png", png);
        return png.toByteArray();
    }

    private static TestResults.Image detected(int number, String truth, String defect, double score, int size) {
        return new TestResults.Image(
                Integer.toString(number).repeat(64),
                number + ".png",
                truth,
                defect,
                score >= 1 ? "abnormal" : "normal",
                score,
                Map.of(),
                new Slice((long) number * size, size),
                truth.equals("normal") ? null : UNLIKE);
    }

    private static TestResults.Image classified(int number, String truth, String predicted, double probability) {
        return new TestResults.Image(
                Integer.toString(number).repeat(64),
                number + ".png",
                truth,
                null,
                predicted,
                probability,
                Map.of(predicted, probability, predicted.equals("a") ? "b" : "a", 1 - probability),
                null);
    }

    private void write(String key, byte[] content) throws Exception {
        AccessRequest request =
                new AccessRequest(ObjectAccess.Access.WRITE, spec.output().bucket(), key);
        String url;
        try {
            url = service.grant(new ObjectAccess.Request(List.of(request)))
                    .addresses()
                    .getFirst();
        } catch (AttemptClient.RejectedException e) {
            if (e.attemptIsOver()) {
                return; // its results are not needed
            }
            throw e;
        }
        HttpRequest put = HttpRequest.newBuilder(URI.create(url))
                .PUT(BodyPublishers.ofByteArray(content))
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            int status = http.send(put, BodyHandlers.discarding()).statusCode();
            if (status != 200) {
                throw new IllegalStateException("writing " + key + ": expected status 200, got " + status);
            }
        }
    }

    private boolean report(String phase, long done, long total) throws Exception {
        Map<String, Double> metrics = Map.of("loss", 0.5);
        List<MetricPoint> points =
                phase.equals("train") ? List.of(new MetricPoint(phase, done, Instant.now(), metrics)) : List.of();
        return service.report(new TrainerReport(
                spec.attempt(), ++sequence, Instant.now(), phase, done, total, 12.5, 3, metrics, points));
    }
}
