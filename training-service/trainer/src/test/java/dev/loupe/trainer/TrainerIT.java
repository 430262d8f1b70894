package dev.loupe.trainer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.AttemptClaim;
import dev.loupe.contracts.training.Control;
import dev.loupe.contracts.training.LabelIssues;
import dev.loupe.contracts.training.LearningCurve;
import dev.loupe.contracts.training.MetricPoint;
import dev.loupe.contracts.training.SimilarImages;
import dev.loupe.contracts.training.Skipped;
import dev.loupe.contracts.training.TestResults;
import dev.loupe.contracts.training.TrainerExit;
import dev.loupe.contracts.training.TrainerReport;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Failure;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.imaging.AnomalyMap;
import dev.loupe.imaging.Heatmap;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Predictor;
import dev.loupe.storage.GrantedObjectStore;
import dev.loupe.storage.ObjectSigner.Access;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import dev.loupe.storage.StoredObject;
import dev.loupe.testing.TrainerApiStub;
import dev.loupe.vision.evaluation.BinaryMetrics;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerIT {
    private static final Recipe ANOMALY = new Recipe("patchcore", Map.of("backbone", BackboneName.RANDOM));
    private static final Recipe TRANSFER =
            new Recipe("transfer", Map.of("backbone", BackboneName.RANDOM, "epochs", 20));

    @TempDir
    static Path folder;

    private static Scene scene;
    private static ManifestRef items;
    private static ManifestRef classes;

    private final UUID run = UUID.randomUUID();

    @BeforeAll
    static void freezeDatasets() throws IOException {
        scene = new Scene(folder);
        items = scene.dataset(Task.ANOMALY_DETECTION, 6);
        classes = scene.dataset(Task.CLASSIFICATION, 6);
    }

    @AfterAll
    static void close() {
        scene.close();
    }

    @Test
    void anAnomalyRunUploadsAPackageAndLoadsNoPyTorch() throws Exception {
        TrainerSpec spec = scene.spec(run, 1, items, ANOMALY);
        Path loaded = folder.resolve(run + ".classes");
        Process trainer = scene.start(spec, "-Xlog:class+load:file=" + loaded);
        assertEquals(0, trainer.waitFor(), () -> read(scene.log(spec)));

        TrainerResult result = scene.result(spec);
        assertEquals(Outcome.SUCCEEDED, result.outcome(), () -> read(scene.log(spec)));
        ModelPackage made = scene.download(result);
        assertEquals(run.toString(), made.manifest().lineage().runId());
        assertEquals(items.sha256(), made.manifest().datasetVersion().digest());
        assertEquals(result.metrics(), made.manifest().metrics());
        assertNotNull(result.metrics().get("auroc"), result.metrics().toString());
        checkTestResults(spec, items, result, made);
        assertFalse(read(loaded).contains("ai.djl.pytorch."), "PyTorch was loaded");
        assertFalse(Files.exists(Path.of(spec.workDirectory(), "scratch")), "scratch files are left");
    }

    @Test
    void aTrialMeasuresOnDevWithoutTestImagesAndKeepsNoModel() throws Exception {
        TrainerSpec all = scene.spec(run, 1, items, ANOMALY);
        TrainerSpec spec = new TrainerSpec(
                all.runId(),
                all.attempt(),
                all.projectId(),
                all.projectName(),
                all.manifest(),
                null,
                null,
                all.recipe(),
                all.backbones(),
                all.seed(),
                all.output(),
                all.workDirectory(),
                folder.resolve("cache-of-the-trial").toString(),
                all.attemptUrl(),
                all.threads(),
                true,
                true,
                true);
        TrainerResult result = scene.train(spec);

        assertEquals(Outcome.SUCCEEDED, result.outcome(), () -> String.valueOf(result.failure()));
        assertEquals(Map.of(), result.metrics());
        assertNotNull(result.devMetrics().get("auroc"), result.devMetrics().toString());
        assertEquals(
                List.of(spec.resultKey()),
                scene.store.list(scene.bucket(), spec.output().prefix()).stream()
                        .map(object -> object.location().key())
                        .filter(key -> !key.contains("/checkpoints/") && !key.contains("/logs/"))
                        .toList());
        DatasetManifest manifest =
                Json.MAPPER.readValue(scene.store.read(scene.at(items.key())), DatasetManifest.class);
        try (Stream<Path> cached = Files.walk(Path.of(spec.cacheDirectory()))) {
            List<String> names =
                    cached.map(file -> file.getFileName().toString()).toList();
            for (DatasetManifest.Entry image : manifest.images()) {
                assertEquals(image.split() != Split.TEST, names.contains(image.sha256()), image.name());
            }
        }
    }

    @Test
    void aTrainingHasAControlIfItsSpecAsksForOne() throws Exception {
        Recipe recipe = new Recipe("transfer", Map.of("backbone", BackboneName.SCATTERING, "epochs", 20));
        TrainerSpec spec = scene.spec(run, 1, classes, recipe);
        TrainerResult without = scene.train(spec);
        TrainerResult with = scene.train(Scene.with(scene.spec(UUID.randomUUID(), 1, classes, recipe), true, false));

        assertEquals(Outcome.SUCCEEDED, with.outcome(), () -> String.valueOf(with.failure()));
        assertNull(without.control());
        Control control = with.control();
        assertEquals("transfer on a random network", control.name());
        assertEquals("accuracy", control.metric());
        assertEquals(Split.TEST, control.split());
        assertEquals(12, control.images());
        assertEquals(
                with.metrics().get("accuracy") - control.value(),
                control.difference().value(),
                1e-9);
        assertEquals(without.metrics(), with.metrics(), "the control changes nothing of the model");
        assertNull(
                scene.train(Scene.with(scene.spec(UUID.randomUUID(), 1, classes, TRANSFER), true, false))
                        .control(),
                "a run on a random network is a control itself");
    }

    @Test
    void aClassificationRunChecksTheLabelsOfItsImages() throws Exception {
        TrainerSpec spec = Scene.with(scene.spec(run, 1, classes, transfer(5, 1e-3)), false, true);
        TrainerResult result = scene.train(spec);
        assertEquals(Outcome.SUCCEEDED, result.outcome(), () -> String.valueOf(result.failure()));
        LabelIssues issues = Json.MAPPER.readValue(
                scene.store.read(scene.at(spec.output().prefix() + LabelIssues.key(1))), LabelIssues.class);
        assertNull(issues.skipped());
        LearningCurve curve = Json.MAPPER.readValue(
                scene.store.read(scene.at(spec.output().prefix() + LearningCurve.key(1))), LearningCurve.class);
        assertEquals(Skipped.Reason.TOO_FEW_IMAGES, curve.skipped().reason());
        assertEquals(24, issues.images(), "12 of TRAIN, 12 of DEV");
        assertEquals("scattering", issues.backbone(), "not that of the recipe, which has random weights");
        SimilarImages similar = Json.MAPPER.readValue(
                scene.store.read(scene.at(spec.output().prefix() + SimilarImages.key(1))), SimilarImages.class);
        assertEquals("scattering", similar.backbone());
        assertEquals(12, similar.images().size(), "all of TEST");
        similar.images().values().forEach(train -> assertEquals(3, train.size()));
    }

    @Test
    void labelsThatCannotBeCheckedDoNotFailTheRun() throws Exception {
        ManifestRef few = scene.dataset(Task.CLASSIFICATION, 3);
        TrainerSpec spec = Scene.with(scene.spec(run, 1, few, transfer(5, 1e-3)), false, true);
        TrainerResult result = scene.train(spec);
        assertEquals(Outcome.SUCCEEDED, result.outcome(), () -> String.valueOf(result.failure()));
        LabelIssues issues = Json.MAPPER.readValue(
                scene.store.read(scene.at(spec.output().prefix() + LabelIssues.key(1))), LabelIssues.class);
        assertEquals(Skipped.Reason.TOO_FEW_IMAGES, issues.skipped().reason());
    }

    /** The results of the TEST images give the metrics of the run, and a heatmap is what the served model draws. */
    private static void checkTestResults(TrainerSpec spec, ManifestRef dataset, TrainerResult result, ModelPackage made)
            throws IOException {
        DatasetManifest manifest =
                Json.MAPPER.readValue(scene.store.read(scene.at(dataset.key())), DatasetManifest.class);
        TestResults results = Json.MAPPER.readValue(
                scene.store.read(scene.at(spec.output().prefix() + TestResults.key(1))), TestResults.class);
        List<DatasetManifest.Entry> test = manifest.images().stream()
                .filter(image -> image.split() == Split.TEST)
                .toList();
        assertEquals(
                test.stream().map(DatasetManifest.Entry::name).toList(),
                results.images().stream().map(TestResults.Image::name).toList());
        assertEquals(made.manifest().threshold().value(), results.threshold());
        BinaryMetrics scores = new BinaryMetrics(
                results.images().stream().mapToDouble(TestResults.Image::score).toArray(), abnormal(results));
        assertEquals(result.metrics().get("auroc"), scores.auroc(), 1e-9);
        checkEvaluation(spec, dataset, result, made);

        try (Predictor predictor = Predictor.open(made)) {
            for (int i = 0; i < test.size(); i++) {
                TestResults.Image image = results.images().get(i);
                AnomalyPrediction prediction = (AnomalyPrediction) predictor
                        .predict(List.of(scene.store.read(scene.at(test.get(i).key()))))
                        .getFirst();
                assertEquals(prediction.score(), image.score(), 1e-3);
                byte[] drawn = Heatmap.overlay(
                        new AnomalyMap(prediction.map(), prediction.mapWidth(), prediction.mapHeight()),
                        prediction.threshold(),
                        test.get(i).width(),
                        test.get(i).height(),
                        prediction.score());
                byte[] kept = scene.store.read(
                        scene.at(spec.output().prefix() + TestResults.heatmapsKey(1)),
                        image.heatmap().offset(),
                        image.heatmap().length());
                assertTrue(difference(drawn, kept) < 0.5, image.name());
            }
        }
    }

    /** The evaluation names the model and its data, and has the metrics of the run. */
    private static void checkEvaluation(TrainerSpec spec, ManifestRef dataset, TrainerResult result, ModelPackage made)
            throws IOException {
        Evaluation evaluation = Json.MAPPER.readValue(
                scene.store.read(scene.at(spec.output().prefix() + Evaluation.key(result.attempt()))),
                Evaluation.class);
        assertEquals(spec.runId(), evaluation.model().runId());
        assertEquals(
                made.files().get(ModelPackage.MODEL).sha256(),
                evaluation.model().sha256());
        assertEquals(dataset.sha256(), evaluation.data().sha256());
        assertEquals(Split.TEST, evaluation.data().split());
        assertEquals(made.manifest().labels(), evaluation.report().labels());
        result.metrics()
                .forEach((name, value) -> assertEquals(
                        value, evaluation.report().metrics().get(name).value(), 1e-9, name));
    }

    private static boolean[] abnormal(TestResults results) {
        boolean[] abnormal = new boolean[results.images().size()];
        for (int i = 0; i < abnormal.length; i++) {
            abnormal[i] = results.images().get(i).truth().equals(DatasetManifest.ABNORMAL);
        }
        return abnormal;
    }

    /** Mean difference of the colours and the opacity of two PNG files of one size, 0..255. */
    private static double difference(byte[] png, byte[] other) throws IOException {
        Raster one = ImageIO.read(new ByteArrayInputStream(png)).getRaster();
        Raster two = ImageIO.read(new ByteArrayInputStream(other)).getRaster();
        assertEquals(one.getBounds(), two.getBounds());
        int[] first = one.getPixels(0, 0, one.getWidth(), one.getHeight(), (int[]) null);
        int[] second = two.getPixels(0, 0, two.getWidth(), two.getHeight(), (int[]) null);
        double sum = 0;
        for (int i = 0; i < first.length; i++) {
            sum += Math.abs(first[i] - second[i]);
        }
        return sum / first.length;
    }

    @Test
    void saysThatItsDiskIsFull() throws Exception {
        Path disk = Files.createDirectories(folder.resolve(run + "-disk"));
        assumeTrue(call("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk.toString()), "skipped: may not mount");
        try {
            // The images do not fit.
            TrainerResult result = scene.train(onDisk(disk.resolve("cache"), folder.resolve(run + "-work")));
            assertEquals(Outcome.FAILED, result.outcome());
            assertEquals(
                    Failure.NO_SPACE,
                    result.failure().reason(),
                    result.failure().message());
            // Not even the claim does.
            assertThrows(IOException.class, () -> Files.write(disk.resolve("ballast"), new byte[1 << 17]));
            TrainerSpec spec = onDisk(folder.resolve("cache"), disk.resolve("work"));
            int code = Trainer.run(new String[] {scene.write(spec).toString()}, scene.environment(), new Termination());
            assertEquals(TrainerExit.NO_SPACE, code);
        } finally {
            call("umount", "-l", disk.toString());
        }
    }

    private TrainerSpec onDisk(Path cache, Path work) {
        TrainerSpec spec = scene.spec(run, 1, items, ANOMALY);
        return new TrainerSpec(
                spec.runId(),
                spec.attempt(),
                spec.projectId(),
                spec.projectName(),
                spec.manifest(),
                spec.evaluate(),
                null,
                spec.recipe(),
                spec.backbones(),
                spec.seed(),
                spec.output(),
                work.toString(),
                cache.toString(),
                spec.attemptUrl(),
                spec.threads());
    }

    private static Recipe transfer(int epochs, double learningRate) {
        return new Recipe(
                "transfer", Map.of("backbone", BackboneName.RANDOM, "epochs", epochs, "learningRate", learningRate));
    }

    private static boolean call(String... command) throws Exception {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException _) {
            return false; // there is no such program
        }
    }

    @Test
    void aTrainerThatIsKilledIsFollowedByOneThatResumes() throws Exception {
        Recipe recipe = transfer(1500, 1e-4);
        TrainerSpec first = scene.spec(run, 1, classes, recipe);
        Process trainer = scene.start(first);
        await().atMost(Duration.ofSeconds(90)).until(() -> !trainer.isAlive() || checkpoints() > 0);
        trainer.destroyForcibly();
        trainer.waitFor();
        assertThrows(StorageException.NotFound.class, () -> scene.result(first), () -> read(scene.log(first)));

        TrainerResult resumed = scene.train(scene.spec(run, 2, classes, recipe));
        assertEquals(Outcome.SUCCEEDED, resumed.outcome());
        assertNotNull(resumed.resumedFrom());
        List<TestResults.Image> images = Json.MAPPER
                .readValue(scene.store.read(scene.at("runs/" + run + "/" + TestResults.key(2))), TestResults.class)
                .images();
        double right = images.stream()
                .filter(image -> image.predicted().equals(image.truth()))
                .count();
        assertEquals(12, images.size());
        assertEquals(resumed.metrics().get("accuracy"), right / images.size(), 1e-9);
        assertEquals(
                Set.of("plain", "scratched"), images.getFirst().probabilities().keySet());
        TrainerSpec second = scene.spec(run, 2, classes, recipe);
        checkEvaluation(second, classes, resumed, scene.download(resumed));
    }

    @Test
    void aTrainerThatIsAskedToEndSavesItsStateAndItsLog() throws Exception {
        Recipe recipe = transfer(10_000, 1e-4);
        try (TrainerApiStub service = new TrainerApiStub(scene.store)) {
            TrainerSpec spec = scene.spec(run, 1, classes, recipe, service.url());
            Process trainer = scene.start(spec);
            await().atMost(Duration.ofSeconds(90)).until(() -> !trainer.isAlive() || newestEpoch() > 0);
            int before = newestEpoch();
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> service.reports().getLast().done() > before);
            trainer.destroy();
            assertTrue(trainer.waitFor(30, TimeUnit.SECONDS));
            assertEquals(TrainerExit.STOPPED, trainer.exitValue(), () -> read(scene.log(spec)));
            assertThrows(StorageException.NotFound.class, () -> scene.result(spec));
            assertTrue(newestEpoch() > before, "saved on the way out: epoch " + newestEpoch() + ", before " + before);
            byte[] kept = scene.store.read(scene.at("runs/" + run + "/attempts/1/logs/trainer.log"));
            assertTrue(new String(kept, UTF_8).contains("asked to end"), () -> new String(kept, UTF_8));
        }
    }

    @Test
    void progressIsReportedInOrderAndGoneMeansStop() throws Exception {
        Recipe endless = transfer(10_000, 1e-9);
        try (TrainerApiStub service = new TrainerApiStub(scene.store)) {
            service.endAttemptAt("features");
            TrainerSpec spec = scene.spec(run, 1, classes, endless, service.url());

            scene.start(spec).waitFor();

            assertThrows(StorageException.NotFound.class, () -> scene.result(spec), "the attempt is over");
            assertTrue(read(scene.log(spec)).contains("told to stop"), read(scene.log(spec)));
            assertEquals(
                    List.of("fetch", "features"),
                    service.reports().stream()
                            .map(TrainerReport::phase)
                            .distinct()
                            .limit(2)
                            .toList());
            for (int i = 1; i < service.reports().size(); i++) {
                assertTrue(service.reports().get(i).sequence()
                        > service.reports().get(i - 1).sequence());
            }
        }
    }

    @Test
    void theValuesOfEveryEpochAreReported() throws Exception {
        try (TrainerApiStub service = new TrainerApiStub(scene.store)) {
            scene.train(scene.spec(run, 1, classes, transfer(20, 1e-4), service.url()));
            List<MetricPoint> points = service.reports().stream()
                    .flatMap(report -> report.points().stream())
                    .toList();
            assertEquals(
                    LongStream.rangeClosed(1, 20).boxed().toList(),
                    points.stream().map(MetricPoint::step).toList());
            for (MetricPoint point : points) {
                assertEquals("train", point.phase());
                assertEquals(
                        Set.of("loss", "devLoss", "devAccuracy"),
                        point.metrics().keySet());
            }
        }
    }

    @Test
    void aServiceThatTakesNoReportsHoldsNothingUp() throws Exception {
        try (TrainerApiStub service = new TrainerApiStub(scene.store)) {
            service.answerReportsWith(503);
            TrainerResult result = scene.train(scene.spec(run, 1, items, ANOMALY, service.url()));
            assertEquals(Outcome.SUCCEEDED, result.outcome());
            assertNull(result.resumedFrom());
        }
    }

    @Test
    void addressesOfImagesAreAskedForManyAtATime() throws Exception {
        try (TrainerApiStub service = new TrainerApiStub(scene.store)) {
            TrainerSpec spec = scene.spec(run, 1, items, ANOMALY, service.url());
            scene.train(withCache(spec, folder.resolve("cold-cache")));
            // The manifest, the images, and a few for the results: each checkpoint file, package file, thumbnails, log,
            // result. One for each of the 34 images and more would be 54.
            assertTrue(service.grantRequests() < 25, "requests: " + service.grantRequests());
        }
    }

    @Test
    void anAddressThatHasRunOutIsAskedForAgain() throws Exception {
        try (TrainerApiStub service = new TrainerApiStub(scene.store);
                ServiceGrants grants = new ServiceGrants(
                        scene.spec(run, 1, items, ANOMALY, service.url()),
                        new Settings("token", "trainer", Trace.NONE, null, TrainerTls.NONE),
                        Duration.ofSeconds(5));
                ObjectStore store = new GrantedObjectStore(grants, 3)) {
            service.signFor(Duration.ofSeconds(1));
            byte[] manifest = store.read(scene.at(items.key()), items.sha256());
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> !isGood(grants.address(Access.READ, scene.at(items.key()))));
            service.signFor(Duration.ofMinutes(1));

            assertArrayEquals(manifest, store.read(scene.at(items.key()), items.sha256()));
        }
    }

    private static boolean isGood(java.net.URI address) throws Exception {
        java.net.http.HttpResponse<Void> answer = java.net.http.HttpClient.newHttpClient()
                .send(
                        java.net.http.HttpRequest.newBuilder(address).build(),
                        java.net.http.HttpResponse.BodyHandlers.discarding());
        return answer.statusCode() == 200;
    }

    @Test
    void imagesThatAreNotThereOrNotTheOnesEndTheRunForGood() throws Exception {
        ManifestRef missing = scene.dataset(Task.CLASSIFICATION, 1);
        DatasetManifest manifest =
                Json.MAPPER.readValue(scene.store.read(scene.at(missing.key())), DatasetManifest.class);
        TrainerSpec spec = scene.spec(run, 1, missing, TRANSFER);
        TrainerSpec own = withCache(spec, folder.resolve("empty-cache"));
        String key = manifest.images().getFirst().key();
        byte[] image = scene.store.read(scene.at(key));

        scene.store.put(scene.at(key), new byte[image.length], "image/png");
        TrainerResult changed = scene.train(own);
        assertEquals("DATA", changed.failure().reason());
        assertFalse(changed.failure().retryable());
        scene.store.delete(scene.at(key));
        Files.delete(Path.of(own.workDirectory(), AttemptClaim.FILE));
        TrainerResult gone = scene.train(own);
        assertEquals("DATA", gone.failure().reason());
        assertTrue(gone.failure().message().contains(key), gone.failure().message());
        scene.store.put(scene.at(key), image, "image/png");
    }

    @Test
    void whatNoAttemptCanMendIsSaidSo() throws Exception {
        Recipe unknown = new Recipe("transfer", Map.of("backbone", "never-imported"));
        TrainerResult result = scene.train(scene.spec(run, 1, classes, unknown));
        assertEquals("BAD_CONFIGURATION", result.failure().reason());
        assertTrue(
                result.failure().message().contains("never-imported"),
                result.failure().message());
    }

    @Test
    void whatItLogsAndAsksCarriesTheRunsIdsAndTrace() throws Exception {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        try (TrainerApiStub service = new TrainerApiStub(scene.store)) {
            TrainerSpec spec = scene.spec(
                    run, 1, classes, new Recipe("transfer", Map.of("backbone", "never-imported")), service.url());
            Map<String, String> environment =
                    Map.of("LOUPE_LOG_JSON", "true", "TRACEPARENT", "00-" + trace + "-00f067aa0ba902b7-01");
            assertEquals(0, scene.start(spec, environment).waitFor(), () -> read(scene.log(spec)));

            // The JVM's own warnings are not ours to write.
            List<String> lines = read(scene.log(spec))
                    .lines()
                    .filter(line -> !line.startsWith("WARNING: "))
                    .toList();
            boolean failure = false;
            for (String line : lines) {
                JsonNode entry = Json.MAPPER.readTree(line);
                assertEquals(run.toString(), entry.path("mdc").path("runId").asText(), line);
                assertEquals("1", entry.path("mdc").path("attempt").asText(), line);
                assertEquals("parts", entry.path("mdc").path("project").asText(), line);
                assertEquals(trace, entry.path("mdc").path("traceId").asText(), line);
                assertEquals("trainer", entry.path("service").asText(), line);
                assertTrue(
                        OffsetDateTime.parse(entry.path("timestamp").asText()).getYear() > 2000, line);
                failure |= entry.path("exception").asText().contains("\n\tat dev.loupe.trainer.")
                        && entry.path("level").asText().equals("ERROR");
            }
            assertTrue(failure, lines.toString());
            // Reports come every second: the service makes no spans of them.
            assertEquals(
                    Set.of("00-" + trace + "-00f067aa0ba902b7-00", "00-" + trace + "-00f067aa0ba902b7-01"),
                    Set.copyOf(service.traces()));
        }
    }

    @Test
    void aTrainerThatCantBeginEndsWithTwo() throws IOException {
        assertEquals(2, Trainer.run(new String[0], Map.of(), new Termination()));
        assertEquals(
                2,
                Trainer.run(
                        new String[] {folder.resolve("nowhere.json").toString()},
                        scene.environment(),
                        new Termination()));
        Path garbage = Files.writeString(folder.resolve("garbage.json"), "{\"attempt\":");
        assertEquals(2, Trainer.run(new String[] {garbage.toString()}, scene.environment(), new Termination()));
        Path spec = scene.write(scene.spec(run, 1, classes, TRANSFER));
        assertEquals(2, Trainer.run(new String[] {spec.toString()}, Map.of(), new Termination()));
    }

    @Test
    void anAttemptHasOneTrainer() throws IOException {
        TrainerSpec spec = scene.spec(run, 1, items, ANOMALY);
        assertTrue(AttemptClaim.tryClaim(Path.of(spec.workDirectory())));
        assertEquals(
                3, Trainer.run(new String[] {scene.write(spec).toString()}, scene.environment(), new Termination()));
        assertThrows(StorageException.NotFound.class, () -> scene.result(spec));
    }

    /** Of the newest checkpoint, 0 if there is none of an epoch. */
    private int newestEpoch() throws IOException {
        List<StoredObject> manifests = scene.store.list(scene.bucket(), "runs/" + run + "/checkpoints/manifests/");
        if (manifests.isEmpty()) {
            return 0;
        }
        String name = Json.MAPPER
                .readTree(scene.store.read(manifests.getLast().location()))
                .path("name")
                .asText();
        return name.startsWith("epoch ") ? Integer.parseInt(name.substring(6)) : 0;
    }

    private int checkpoints() {
        return scene.store
                .list(scene.bucket(), "runs/" + run + "/checkpoints/manifests/")
                .size();
    }

    private static TrainerSpec withCache(TrainerSpec spec, Path cache) {
        return new TrainerSpec(
                spec.runId(),
                spec.attempt(),
                spec.projectId(),
                spec.projectName(),
                spec.manifest(),
                spec.evaluate(),
                null,
                spec.recipe(),
                spec.backbones(),
                spec.seed(),
                spec.output(),
                spec.workDirectory(),
                cache.toString(),
                spec.attemptUrl(),
                spec.threads());
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
