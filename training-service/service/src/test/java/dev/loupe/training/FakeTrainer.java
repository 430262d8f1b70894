package dev.loupe.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.loupe.contracts.training.AttemptClaim;
import dev.loupe.contracts.training.AttemptClient;
import dev.loupe.contracts.training.MetricPoint;
import dev.loupe.contracts.training.ObjectAccess;
import dev.loupe.contracts.training.ObjectAccess.AccessRequest;
import dev.loupe.contracts.training.TrainerExit;
import dev.loupe.contracts.training.TrainerReport;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Failure;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Fake of the trainer: a process that claims its attempt, reports, writes a result and ends with an exit code like the
 * trainer, and trains nothing. The seed of the run chooses what it does.
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

    private final ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
    private final TrainerSpec spec;
    private final Path folder;
    private final AttemptClient service;
    private long sequence;

    private FakeTrainer(File file) throws IOException {
        spec = json.readValue(file, TrainerSpec.class);
        folder = Path.of(spec.workDirectory());
        String token = Objects.requireNonNull(System.getenv("LOUPE_REPORT_TOKEN"), "no token");
        service = new AttemptClient(spec, json, request -> withHeaders(request, token), Duration.ofSeconds(30));
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
        write(result(inProgress));
        report("upload", 1, 1);
        System.out.println("done");
        return TrainerExit.DONE;
    }

    private TrainerResult result(boolean inProgress) {
        String again = spec.attempt() > 1 ? "epoch 7" : null;
        if (!inProgress) {
            return new TrainerResult(spec.attempt(), Outcome.CANCELLED, null, null, null, null, 0, 1, again);
        }
        if (spec.seed() == FAIL || spec.seed() == FAIL_FOR_NOW) {
            Failure failure = new Failure("DATA", "the images cannot be decoded", spec.seed() == FAIL_FOR_NOW);
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

    private void write(TrainerResult result) throws Exception {
        AccessRequest request =
                new AccessRequest(ObjectAccess.Access.WRITE, spec.output().bucket(), spec.resultKey());
        String url;
        try {
            url = service.grant(new ObjectAccess.Request(List.of(request)))
                    .addresses()
                    .getFirst();
        } catch (AttemptClient.RejectedException e) {
            if (e.attemptIsOver()) {
                return; // its result is not needed
            }
            throw e;
        }
        HttpRequest put = HttpRequest.newBuilder(URI.create(url))
                .PUT(BodyPublishers.ofByteArray(json.writeValueAsBytes(result)))
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            int status = http.send(put, BodyHandlers.discarding()).statusCode();
            if (status != 200) {
                throw new IllegalStateException("writing the result: expected status 200, got " + status);
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
