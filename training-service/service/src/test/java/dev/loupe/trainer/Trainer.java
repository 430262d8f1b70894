package dev.loupe.trainer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.loupe.contracts.training.TrainerReport;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Failure;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.storage.MinioObjectStore;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageEndpoint;
import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * Stands where the real trainer stands: a process of its own, with the same class name, claim, reports, result and exit
 * codes, and no training. The run's seed says what it does.
 */
public final class Trainer {
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

    private final ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
    private final HttpClient http = HttpClient.newHttpClient();
    private final TrainerSpec spec;
    private final Path folder;
    private long sequence;

    private Trainer(File file) throws Exception {
        spec = json.readValue(file, TrainerSpec.class);
        folder = Path.of(spec.workDirectory());
    }

    public static void main(String... args) throws Exception {
        System.exit(new Trainer(new File(args[0])).run());
    }

    private int run() throws Exception {
        if (!claim()) {
            return 3;
        }
        System.out.println("attempt " + spec.attempt() + " of " + spec.projectName());
        Files.createDirectories(folder.resolve("scratch"));
        if (spec.seed() == MISCONFIGURED) {
            return 2;
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
        Map<String, String> environment = System.getenv();
        try (ObjectStore store = new MinioObjectStore(StorageEndpoint.of(
                URI.create(environment.get("LOUPE_STORAGE_ENDPOINT")),
                environment.get("LOUPE_STORAGE_ACCESS_KEY"),
                environment.get("LOUPE_STORAGE_SECRET_KEY")))) {
            store.put(
                    new ObjectLocation(
                            spec.output().bucket(),
                            spec.output().prefix() + "attempts/" + spec.attempt() + "/result.json"),
                    json.writeValueAsBytes(result),
                    "application/json");
        }
    }

    private int report(String phase, long done, long total) throws Exception {
        TrainerReport report = new TrainerReport(
                spec.attempt(), ++sequence, Instant.now(), phase, done, total, 12.5, 3, Map.of("loss", 0.5));
        HttpRequest request = HttpRequest.newBuilder(URI.create(spec.reportUrl()))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + System.getenv("LOUPE_REPORT_TOKEN"))
                .POST(BodyPublishers.ofByteArray(json.writeValueAsBytes(report)))
                .build();
        return http.send(request, BodyHandlers.discarding()).statusCode();
    }
}
