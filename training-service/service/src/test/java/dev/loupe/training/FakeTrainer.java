package dev.loupe.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.loupe.contracts.training.ObjectAccess;
import dev.loupe.contracts.training.ObjectAccess.AccessRequest;
import dev.loupe.contracts.training.TrainerExit;
import dev.loupe.contracts.training.TrainerReport;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Failure;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stands where the real trainer stands: a process of its own, with the same claim, reports, result and exit
 * codes, and no training. The run's seed says what it does.
 */
public final class FakeTrainer {
    /** Succeeds at once. */
    public static final long SUCCEED = 1;
    /** Goes on until somebody puts a file {@code go} beside its spec; a later attempt succeeds at once. */
    public static final long HOLD = 2;
    /** Says that no attempt can succeed. */
    public static final long FAIL = 3;
    /** Says that another attempt may succeed, every time. */
    public static final long FAIL_FOR_NOW = 4;
    /** Ends with exit code 2. */
    public static final long MISCONFIGURED = 5;

    /** Finds its disk full, twice as said in its result and once by its exit code; then succeeds. */
    public static final long NO_SPACE = 6;

    private final ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
    private final HttpClient http = HttpClient.newHttpClient();
    private final TrainerSpec spec;
    private final Path folder;
    private long sequence;

    private FakeTrainer(File file) throws Exception {
        spec = json.readValue(file, TrainerSpec.class);
        folder = Path.of(spec.workDirectory());
    }

    public static void main(String... args) throws Exception {
        System.exit(new FakeTrainer(new File(args[0])).run());
    }

    private int run() throws Exception {
        if (!claim()) {
            return 3;
        }
        System.out.println("attempt " + spec.attempt() + " of " + spec.projectName());
        System.out.println("TRACEPARENT=" + System.getenv("TRACEPARENT"));
        Files.createDirectories(folder.resolve("scratch"));
        if (spec.seed() == MISCONFIGURED) {
            return 2;
        }
        if (spec.seed() == NO_SPACE && spec.attempt() == 3) {
            return TrainerExit.NO_SPACE;
        }
        int status = report("train", 1, 2);
        while (spec.seed() == HOLD && spec.attempt() == 1 && !Files.exists(folder.resolve("go")) && status != 410) {
            Thread.sleep(50);
            status = report("train", 1, 2);
        }
        write(result(status));
        report("upload", 1, 1);
        System.out.println("done");
        return 0;
    }

    private TrainerResult result(int status) {
        String again = spec.attempt() > 1 ? "epoch 7" : null;
        if (status == 410) {
            return new TrainerResult(spec.attempt(), Outcome.CANCELLED, null, null, null, null, 0, 1, again);
        }
        if (spec.seed() == FAIL || spec.seed() == FAIL_FOR_NOW) {
            Failure failure = new Failure("DATA", "the images are no images", spec.seed() == FAIL_FOR_NOW);
            return new TrainerResult(spec.attempt(), Outcome.FAILED, failure, null, null, null, 0, 1, again);
        }
        if (spec.seed() == NO_SPACE && spec.attempt() < 3) {
            Failure failure = new Failure(Failure.NO_SPACE, "the trainer's disk is full", true);
            return new TrainerResult(spec.attempt(), Outcome.FAILED, failure, null, null, null, 0, 1, again);
        }
        return new TrainerResult(
                spec.attempt(),
                Outcome.SUCCEEDED,
                null,
                Map.of("accuracy", 0.75),
                spec.output().prefix() + "package/manifest.json",
                "ab".repeat(32),
                123,
                1.5,
                again);
    }

    private boolean claim() throws Exception {
        ProcessHandle self = ProcessHandle.current();
        Path draft = Files.createTempFile(folder, "claim", ".draft");
        Files.writeString(draft, self.pid() + " " + self.info().startInstant().orElseThrow());
        try {
            Files.createLink(folder.resolve("trainer.pid"), draft);
            return true;
        } catch (FileAlreadyExistsException _) {
            return false;
        } finally {
            Files.delete(draft);
        }
    }

    private void write(TrainerResult result) throws Exception {
        String key = spec.output().prefix() + "attempts/" + spec.attempt() + "/result.json";
        ObjectAccess.Request request = new ObjectAccess.Request(List.of(
                new AccessRequest(ObjectAccess.Access.WRITE, spec.output().bucket(), key)));
        HttpResponse<byte[]> granted = post("/objects", json.writeValueAsBytes(request));
        if (granted.statusCode() == 410) {
            return; // its result is not needed
        }
        String address = json.readValue(granted.body(), ObjectAccess.Grants.class)
                .addresses()
                .getFirst();
        HttpRequest put = HttpRequest.newBuilder(URI.create(address))
                .PUT(BodyPublishers.ofByteArray(json.writeValueAsBytes(result)))
                .build();
        int status = http.send(put, BodyHandlers.discarding()).statusCode();
        if (status != 200) {
            throw new IllegalStateException("the result was not taken: " + status);
        }
    }

    private int report(String phase, long done, long total) throws Exception {
        TrainerReport report = new TrainerReport(
                spec.attempt(), ++sequence, Instant.now(), phase, done, total, 12.5, 3, Map.of("loss", 0.5));
        return post("/reports", json.writeValueAsBytes(report)).statusCode();
    }

    private HttpResponse<byte[]> post(String path, byte[] body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(spec.attemptUrl() + path))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + System.getenv("LOUPE_REPORT_TOKEN"))
                .POST(BodyPublishers.ofByteArray(body));
        Optional.ofNullable(System.getenv("TRACEPARENT")).ifPresent(trace -> request.header("traceparent", trace));
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }
}
