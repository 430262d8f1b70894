package dev.loupe.tests.path;

import static dev.loupe.tests.path.TrainedProject.SURFACES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Training;
import dev.loupe.client.ProblemException;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.inference.v1.DetectAnomalyRequest;
import dev.loupe.inference.v1.DetectAnomalyResponse;
import dev.loupe.inference.v1.InferenceServiceGrpc;
import dev.loupe.inference.v1.ModelSelector;
import dev.loupe.tests.path.DrawnSurface.Kind;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** From a folder of images to a promoted model that answers over gRPC, with real processes. */
@ExtendWith(RunningStack.class)
class WholePathIT {
    private static final int CLIENTS = 8;

    @BeforeAll
    static void teach() throws IOException {
        TrainedProject.surfaces();
    }

    @Test
    void aPromotedModelTellsScratchedFromSound() throws IOException {
        Connection loupe = RunningStack.loupe();
        DetectAnomalyResponse sound =
                loupe.predictions().detectAnomaly(SURFACES, "", DrawnSurface.png(77, Kind.SOUND), false);
        DetectAnomalyResponse scratched =
                loupe.predictions().detectAnomaly(SURFACES, "", DrawnSurface.png(77, Kind.SCRATCHED), true);

        assertTrue(scratched.getAnomalous(), scratched.toString());
        assertTrue(
                scratched.getAnomalyScore() > sound.getAnomalyScore(),
                scratched.getAnomalyScore() + " > " + sound.getAnomalyScore());
        assertTrue(
                ImageIO.read(new ByteArrayInputStream(scratched.getHeatmapPng().toByteArray()))
                                .getHeight()
                        > 96);
    }

    @Test
    void servedScoresAreTheTrainersScores() {
        Connection loupe = RunningStack.loupe();
        Map<String, Double> trained = loupe.models().testPredictions(SURFACES, 1);
        assertEquals(16, trained.size());
        trained.forEach((sha256, score) -> {
            byte[] image = loupe.datasets().content(SURFACES, sha256);
            float served = loupe.predictions()
                    .detectAnomaly(SURFACES, "1", image, false)
                    .getAnomalyScore();
            assertEquals(score, served, 1e-4, sha256);
        });
    }

    @Test
    void clientsNeverNoticeAPromotionOrARollback() throws Exception {
        byte[] image = DrawnSurface.png(5, Kind.SCRATCHED);
        Connection loupe = RunningStack.loupe();
        Map<Integer, Float> expected = Map.of(
                1,
                        loupe.predictions()
                                .detectAnomaly(SURFACES, "1", image, false)
                                .getAnomalyScore(),
                2,
                        loupe.predictions()
                                .detectAnomaly(SURFACES, "2", image, false)
                                .getAnomalyScore());
        assertTrue(Math.abs(expected.get(1) - expected.get(2)) > 1e-4, "the versions must differ to tell them apart");

        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger answers = new AtomicInteger();
        Set<Integer> versions = ConcurrentHashMap.newKeySet();
        List<Future<?>> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(threads.submit(() -> predictUntil(stop, image, expected, answers, versions)));
            }
            for (int round = 0; round < 3; round++) {
                awaitMore(answers, 100);
                loupe.models().promote(SURFACES, "production", 2, true, "round " + round);
                awaitMore(answers, 100);
                loupe.models().rollback(SURFACES, "production");
            }
            awaitMore(answers, 100);
            stop.set(true);
            for (Future<?> client : clients) {
                client.get(30, TimeUnit.SECONDS); // a failed call or a mixed answer is thrown here
            }
        }
        assertEquals(Set.of(1, 2), new HashSet<>(versions));
    }

    /** Each model version is measured on its own dataset version by another run, which has only its package. */
    @Test
    void evaluationRunHasTheFiguresOfTheTraining() {
        Training training = RunningStack.loupe().training();
        JsonNode version = RunningStack.loupe().models().versions(SURFACES).stream()
                .filter(each -> each.path("number").asInt() == 1)
                .findFirst()
                .orElseThrow();
        String trained = version.path("runId").asText();
        // training-service hears of a registered version a moment later.
        JsonNode asked = Awaitility.await()
                .atMost(60, TimeUnit.SECONDS)
                .ignoreException(ProblemException.class)
                .until(() -> training.requestEvaluation(SURFACES, 1, null, 1, null), _ -> true);
        String id = asked.path("id").asText();
        JsonNode run = training.follow(id, _ -> {});
        assertEquals("SUCCEEDED", run.path("state").asText(), run.toPrettyString());

        JsonNode evaluation = training.evaluationDetails(id).path("evaluation");
        assertEquals(trained, evaluation.at("/model/runId").asText());
        training.evaluation(trained).at("/report/metrics").properties().forEach(metric -> {
            for (String figure : List.of("value", "low", "high")) {
                assertEquals(
                        metric.getValue().path(figure).asDouble(),
                        evaluation
                                .at("/report/metrics/" + metric.getKey() + "/" + figure)
                                .asDouble(),
                        1e-6,
                        metric.getKey() + " " + figure);
            }
        });
        assertEquals(0, training.comparison(id, trained, 10).path("total").asInt());
        assertEquals(
                id,
                training.requestEvaluation(SURFACES, 1, null, 1, null)
                        .path("id")
                        .asText());
    }

    private static void awaitMore(AtomicInteger answers, int more) {
        int goal = answers.get() + more;
        Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> answers.get() >= goal);
    }

    private static void predictUntil(
            AtomicBoolean stop,
            byte[] image,
            Map<Integer, Float> expected,
            AtomicInteger answers,
            Set<Integer> versions) {
        ManagedChannel channel = ManagedChannelBuilder.forTarget(
                        RunningStack.loupe().endpoints().grpc())
                .usePlaintext()
                .build();
        try {
            DetectAnomalyRequest request = DetectAnomalyRequest.newBuilder()
                    .setSelector(ModelSelector.newBuilder().setModel(SURFACES))
                    .setImage(ByteString.copyFrom(image))
                    .build();
            while (!stop.get()) {
                DetectAnomalyResponse answer = InferenceServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(20, TimeUnit.SECONDS)
                        .detectAnomaly(request);
                int version = answer.getProvenance().getVersion();
                assertEquals(expected.get(version), answer.getAnomalyScore(), 1e-5f, "version " + version);
                versions.add(version);
                answers.incrementAndGet();
            }
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void aRunThatOnlyMeasuresMakesNoVersion() {
        Connection loupe = RunningStack.loupe();
        JsonNode control =
                TrainedProject.train(SURFACES, new Recipe("patchcore", Map.of("backbone", "random")), 1, false);
        assertEquals("SUCCEEDED", control.path("state").asText(), control.toPrettyString());
        assertTrue(control.path("metrics").has("auroc"), control.toPrettyString());
        assertTrue(loupe.models().versions(SURFACES).stream()
                .noneMatch(version ->
                        version.path("runId").asText().equals(control.path("id").asText())));
    }
}
