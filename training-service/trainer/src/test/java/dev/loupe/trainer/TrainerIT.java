package dev.loupe.trainer;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.training.Recipe;
import dev.loupe.contracts.training.Recipe.Type;
import dev.loupe.contracts.training.TrainerReport;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.storage.StorageException;
import dev.loupe.vision.model.ModelPackage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerIT {
    private static final Recipe ANOMALY =
            new Recipe(Type.ANOMALY_PATCHCORE, Recipe.RANDOM, null, null, null, null, null);
    private static final Recipe TRANSFER =
            new Recipe(Type.CLASSIFICATION_TRANSFER, Recipe.RANDOM, null, 20, null, null, null);

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
        TrainerSpec spec = scene.spec(run, 1, items, ANOMALY, null);
        Path loaded = folder.resolve(run + ".classes");
        Process trainer = scene.start(spec, "-Xlog:class+load:file=" + loaded);
        assertEquals(0, trainer.waitFor(), () -> read(scene.log(spec)));

        TrainerResult result = scene.result(spec);
        assertEquals(Outcome.SUCCEEDED, result.outcome(), () -> read(scene.log(spec)));
        ModelPackage made = download(result);
        assertEquals(run.toString(), made.manifest().lineage().runId());
        assertEquals(items.sha256(), made.manifest().datasetVersion().digest());
        assertEquals(result.metrics(), made.manifest().metrics());
        assertNotNull(result.metrics().get("auroc"), result.metrics().toString());
        assertFalse(read(loaded).contains("ai.djl.pytorch."), "PyTorch was loaded");
        assertFalse(Files.exists(Path.of(spec.workDirectory(), "scratch")), "scratch files are left");
    }

    @Test
    void aTrainerThatIsKilledIsFollowedByOneThatResumes() throws Exception {
        Recipe recipe = new Recipe(Type.CLASSIFICATION_TRANSFER, Recipe.RANDOM, null, 1500, null, 1e-4, null);
        TrainerSpec first = scene.spec(run, 1, classes, recipe, null);
        Process trainer = scene.start(first);
        await().atMost(Duration.ofSeconds(90)).until(() -> !trainer.isAlive() || checkpoints() > 0);
        trainer.destroyForcibly();
        trainer.waitFor();
        assertThrows(StorageException.NotFound.class, () -> scene.result(first), () -> read(scene.log(first)));

        TrainerResult resumed = scene.train(scene.spec(run, 2, classes, recipe, null));
        assertEquals(Outcome.SUCCEEDED, resumed.outcome());
        assertNotNull(resumed.resumedFrom());
        assertTrue(resumed.metrics().get("accuracy") >= 0, resumed.metrics().toString());
        download(resumed);
    }

    @Test
    void aTrainerThatIsAskedToEndDoesSoAtOnce() throws Exception {
        TrainerSpec spec = scene.spec(run, 1, classes, TRANSFER, null);
        Process trainer = scene.start(spec);
        await().atMost(Duration.ofSeconds(30)).until(() -> read(scene.log(spec)).contains("features"));
        trainer.destroy();
        assertTrue(trainer.waitFor(10, TimeUnit.SECONDS));
        assertEquals(143, trainer.exitValue());
        assertThrows(StorageException.NotFound.class, () -> scene.result(spec));
    }

    @Test
    void progressIsReportedInOrderAndGoneMeansStop() throws Exception {
        List<TrainerReport> reports = new CopyOnWriteArrayList<>();
        HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/reports", exchange -> {
            reports.add(Json.MAPPER.readValue(exchange.getRequestBody(), TrainerReport.class));
            assertEquals("Bearer token", exchange.getRequestHeaders().getFirst("Authorization"));
            boolean gone = reports.getLast().phase().equals("features");
            exchange.sendResponseHeaders(gone ? 410 : 204, -1);
            exchange.close();
        });
        service.start();
        String url = "http://127.0.0.1:" + service.getAddress().getPort() + "/reports";
        Recipe endless = new Recipe(Type.CLASSIFICATION_TRANSFER, Recipe.RANDOM, null, 10_000, null, 1e-9, null);

        TrainerResult result = scene.train(scene.spec(run, 1, classes, endless, url));
        service.stop(0);
        assertEquals(Outcome.CANCELLED, result.outcome());
        assertEquals(
                List.of("fetch", "features"),
                reports.stream().map(TrainerReport::phase).distinct().limit(2).toList());
        for (int i = 0; i < reports.size(); i++) {
            assertEquals(i + 1, reports.get(i).sequence());
        }
    }

    @Test
    void aServiceThatDoesNotAnswerHoldsNothingUp() throws Exception {
        TrainerResult result = scene.train(scene.spec(run, 1, items, ANOMALY, "http://127.0.0.1:9/reports"));
        assertEquals(Outcome.SUCCEEDED, result.outcome());
        assertNull(result.resumedFrom());
    }

    @Test
    void picturesThatAreNotThereOrNotTheOnesEndTheRunForGood() throws Exception {
        ManifestRef missing = scene.dataset(Task.CLASSIFICATION, 1);
        DatasetManifest manifest =
                Json.MAPPER.readValue(scene.store.read(scene.at(missing.key())), DatasetManifest.class);
        TrainerSpec spec = scene.spec(run, 1, missing, TRANSFER, null);
        TrainerSpec own = withCache(spec, folder.resolve("empty-cache"));
        String key = manifest.images().getFirst().key();
        byte[] picture = scene.store.read(scene.at(key));

        scene.store.put(scene.at(key), new byte[picture.length], "image/png");
        TrainerResult changed = scene.train(own);
        assertEquals("DATA", changed.failure().reason());
        assertFalse(changed.failure().retryable());
        scene.store.delete(scene.at(key));
        Files.delete(Path.of(own.workDirectory(), Claim.FILE));
        TrainerResult gone = scene.train(own);
        assertEquals("DATA", gone.failure().reason());
        assertTrue(gone.failure().message().contains(key), gone.failure().message());
        scene.store.put(scene.at(key), picture, "image/png");
    }

    @Test
    void whatNoAttemptCanMendIsSaidSo() throws Exception {
        Recipe unknown = TRANSFER.withBackbone("never-imported");
        TrainerResult result = scene.train(scene.spec(run, 1, classes, unknown, null));
        assertEquals("BAD_CONFIGURATION", result.failure().reason());
        assertTrue(
                result.failure().message().contains("never-imported"),
                result.failure().message());
    }

    @Test
    void aTrainerThatCantBeginEndsWithTwo() throws IOException {
        assertEquals(2, Trainer.run(new String[0], Map.of()));
        assertEquals(2, Trainer.run(new String[] {folder.resolve("nowhere.json").toString()}, scene.environment()));
        Path garbage = Files.writeString(folder.resolve("garbage.json"), "{\"attempt\":");
        assertEquals(2, Trainer.run(new String[] {garbage.toString()}, scene.environment()));
        Path spec = scene.write(scene.spec(run, 1, classes, TRANSFER, null));
        assertEquals(2, Trainer.run(new String[] {spec.toString()}, Map.of()));
    }

    @Test
    void anAttemptHasOneTrainer() throws IOException {
        TrainerSpec spec = scene.spec(run, 1, items, ANOMALY, null);
        assertTrue(Claim.take(Path.of(spec.workDirectory())));
        assertEquals(3, Trainer.run(new String[] {scene.write(spec).toString()}, scene.environment()));
        assertThrows(StorageException.NotFound.class, () -> scene.result(spec));
    }

    private int checkpoints() {
        return scene.store
                .list(scene.bucket(), "runs/" + run + "/checkpoints/manifests/")
                .size();
    }

    private ModelPackage download(TrainerResult result) throws IOException {
        Path copy = Files.createTempDirectory(folder, "package");
        String prefix = result.packageKey().substring(0, result.packageKey().lastIndexOf('/') + 1);
        scene.store.download(scene.at(result.packageKey()), result.packageSha256(), copy.resolve("manifest.json"));
        ModelPackage.parse(Files.readAllBytes(copy.resolve("manifest.json")))
                .files()
                .forEach((path, file) -> {
                    copy.resolve(path).getParent().toFile().mkdirs();
                    scene.store.download(scene.at(prefix + path), file.sha256(), copy.resolve(path));
                });
        return ModelPackage.open(copy);
    }

    private static TrainerSpec withCache(TrainerSpec spec, Path cache) {
        return new TrainerSpec(
                spec.runId(),
                spec.attempt(),
                spec.projectId(),
                spec.projectName(),
                spec.manifest(),
                spec.recipe(),
                spec.backbone(),
                spec.seed(),
                spec.output(),
                spec.workDirectory(),
                cache.toString(),
                spec.reportUrl(),
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
