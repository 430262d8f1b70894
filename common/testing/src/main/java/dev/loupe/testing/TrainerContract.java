package dev.loupe.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.contracts.training.AttemptClaim;
import dev.loupe.contracts.training.TestResults;
import dev.loupe.contracts.training.TrainerExit;
import dev.loupe.contracts.training.TrainerReport;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.storage.MinioObjectStore;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What training-service expects of a trainer: claim, reports, result and exit codes. The trainer and its fake run the
 * same tests, each as a process.
 */
public abstract class TrainerContract {
    private static final ObjectMapper JSON =
            JsonMapper.builder().addModule(new JavaTimeModule()).build();
    private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    @TempDir
    Path folder;

    private TrainerApiStub service;

    /** The class of the trainer's {@code main}. */
    protected abstract Class<?> program();

    /** The object storage of the attempts. */
    protected abstract MinioObjectStore store();

    /** Attempt 1 of a run that succeeds within seconds. */
    protected abstract TrainerSpec spec(UUID run, Path folder, String attemptUrl) throws IOException;

    @BeforeEach
    void startService() throws IOException {
        service = new TrainerApiStub(store());
    }

    @AfterEach
    void stopService() {
        service.close();
    }

    @Test
    void reportsItsProgressAndWritesItsResult() throws Exception {
        TrainerSpec spec = spec();
        Process trainer = start(spec);
        assertEquals(TrainerExit.DONE, exit(trainer));

        TrainerResult result = JSON.readValue(store().read(resultOf(spec)), TrainerResult.class);
        assertEquals(Outcome.SUCCEEDED, result.outcome(), () -> log(spec));
        assertEquals(1, result.attempt());
        assertTrue(result.packageKey().startsWith(spec.output().prefix() + "package/"), result.packageKey());
        assertFalse(result.metrics().isEmpty());
        checkTestResults(spec, result);

        List<TrainerReport> reports = service.reports();
        for (int i = 0; i < reports.size(); i++) {
            assertEquals(1, reports.get(i).attempt());
            assertTrue(i == 0 || reports.get(i).sequence() > reports.get(i - 1).sequence(), reports.toString());
        }
        TrainerReport last = reports.getLast();
        assertEquals(last.total(), last.done(), "the last report tells the service to read the result");
        assertEquals(0, service.unauthenticated());
        assertTrue(
                service.traces().stream().allMatch(trace -> trace.contains("4bf92f3577b34da6a3ce929d0e0e4736")),
                service.traces().toString());
    }

    /** The results of the TEST images are those that the metrics were computed from; a detector draws heatmaps. */
    private void checkTestResults(TrainerSpec spec, TrainerResult result) throws IOException {
        ObjectLocation heatmaps = of(spec, TestResults.heatmapsKey(1));
        TestResults results = JSON.readValue(store().read(of(spec, TestResults.key(1))), TestResults.class);
        long right = results.images().stream()
                .filter(image -> image.predicted().equals(image.truth()))
                .count();
        assertEquals(
                result.metrics().get("accuracy"),
                (double) right / results.images().size(),
                1e-9);
        for (TestResults.Image image : results.images()) {
            assertEquals(results.threshold() != null, image.heatmap() != null, image.toString());
            if (image.heatmap() != null) {
                byte[] png = store().read(
                                heatmaps,
                                image.heatmap().offset(),
                                image.heatmap().length());
                assertEquals("PNG", new String(png, 1, 3, StandardCharsets.US_ASCII));
                assertEquals("IEND", new String(png, png.length - 8, 4, StandardCharsets.US_ASCII));
            }
        }
        assertEquals(
                TestResults.surestErrors(results.images(), results.threshold()).stream()
                        .map(TestResults.Image::sha256)
                        .collect(Collectors.toSet()),
                results.thumbnails().keySet());
        for (TestResults.Slice thumbnail : results.thumbnails().values()) {
            byte[] jpeg = store().read(of(spec, TestResults.thumbnailsKey(1)), thumbnail.offset(), thumbnail.length());
            assertEquals("ffd8", HexFormat.of().formatHex(jpeg, 0, 2));
            assertEquals("ffd9", HexFormat.of().formatHex(jpeg, jpeg.length - 2, jpeg.length));
        }
    }

    /** The evaluation of a model on the version that it was trained on has the figures of the training. */
    @Test
    void evaluatesThePackageOfARun() throws Exception {
        TrainerSpec training = spec();
        assertEquals(TrainerExit.DONE, exit(start(training)));
        TrainerResult trained = JSON.readValue(store().read(resultOf(training)), TrainerResult.class);
        TrainerSpec spec = evaluating(training, trained);
        assertEquals(TrainerExit.DONE, exit(start(spec)));

        TrainerResult result = JSON.readValue(store().read(resultOf(spec)), TrainerResult.class);
        assertEquals(Outcome.SUCCEEDED, result.outcome(), () -> log(spec));
        assertNull(result.packageKey());
        assertEquals(trained.metrics().keySet(), result.metrics().keySet());
        trained.metrics()
                .forEach((name, value) -> assertEquals(value, result.metrics().get(name), 1e-6, name));
        checkTestResults(spec, result);
        Evaluation evaluation = JSON.readValue(store().read(of(spec, Evaluation.key(1))), Evaluation.class);
        assertEquals(training.runId(), evaluation.model().runId());
        assertEquals(
                List.of(), store().list(spec.output().bucket(), spec.output().prefix() + "package/"));
    }

    private TrainerSpec evaluating(TrainerSpec training, TrainerResult trained) throws IOException {
        TrainerSpec spec = spec();
        return new TrainerSpec(
                spec.runId(),
                1,
                spec.projectId(),
                spec.projectName(),
                training.manifest(),
                new ManifestRef(training.output().bucket(), trained.packageKey(), trained.packageSha256()),
                null,
                training.recipe(),
                null,
                training.seed(),
                spec.output(),
                spec.workDirectory(),
                spec.cacheDirectory(),
                spec.attemptUrl(),
                spec.threads());
    }

    private static ObjectLocation of(TrainerSpec spec, String key) {
        return new ObjectLocation(spec.output().bucket(), spec.output().prefix() + key);
    }

    @Test
    void claimsItsAttempt() throws Exception {
        TrainerSpec spec = spec();
        Process first = start(spec);
        assertEquals(TrainerExit.DONE, exit(first));
        String claim = Files.readString(Path.of(spec.workDirectory(), AttemptClaim.FILE));
        assertEquals(first.pid(), Long.parseLong(claim.split(" ")[0]));

        int reports = service.reports().size();
        assertEquals(TrainerExit.ALREADY_CLAIMED, exit(start(spec)));
        assertEquals(reports, service.reports().size());
    }

    @Test
    void endsWithoutResultWhenTheAttemptIsOver() throws Exception {
        service.endAttempt();
        TrainerSpec spec = spec();
        assertEquals(TrainerExit.DONE, exit(start(spec)));
        try {
            store().read(resultOf(spec));
            throw new AssertionError("a result was written");
        } catch (StorageException.NotFound _) {
            assertEquals(0, service.unauthenticated());
        }
    }

    @Test
    void refusesASpecThatCannotBeRead() throws Exception {
        Path spec = Files.writeString(folder.resolve("spec.json"), "{\"runId\": 7");
        assertEquals(TrainerExit.BAD_CONFIGURATION, exit(start(spec, Map.of("LOUPE_REPORT_TOKEN", "any"))));
        assertEquals(List.of(), service.reports());
    }

    @Test
    void refusesToStartWithoutToken() throws Exception {
        assertEquals(TrainerExit.BAD_CONFIGURATION, exit(start(write(spec()), Map.of())));
        assertEquals(List.of(), service.reports());
    }

    private TrainerSpec spec() throws IOException {
        return spec(UUID.randomUUID(), folder, service.url());
    }

    private Path write(TrainerSpec spec) throws IOException {
        return Files.write(
                Files.createDirectories(Path.of(spec.workDirectory())).resolve("spec.json"),
                JSON.writeValueAsBytes(spec));
    }

    private Process start(TrainerSpec spec) throws IOException {
        return start(write(spec), Map.of("LOUPE_REPORT_TOKEN", TrainerApiStub.TOKEN, "TRACEPARENT", TRACE));
    }

    private Process start(Path spec, Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dai.djl.offline=true",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(program().getName(), spec.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(spec.resolveSibling("log").toFile());
        builder.environment()
                .keySet()
                .removeAll(Set.of("LOUPE_REPORT_TOKEN", "LOUPE_REPORT_TOKEN_FILE", "TRACEPARENT"));
        builder.environment().putAll(environment);
        builder.environment()
                .put(
                        "CLASSPATH",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        return builder.start();
    }

    private static int exit(Process trainer) throws InterruptedException {
        try {
            assertTrue(trainer.waitFor(90, TimeUnit.SECONDS), "the trainer has not ended after 90 s");
            return trainer.exitValue();
        } finally {
            trainer.destroyForcibly();
        }
    }

    private static String log(TrainerSpec spec) {
        try {
            return Files.readString(Path.of(spec.workDirectory(), "log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static ObjectLocation resultOf(TrainerSpec spec) {
        return new ObjectLocation(spec.output().bucket(), spec.resultKey());
    }
}
