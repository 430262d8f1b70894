package dev.loupe.inference.runtime;

import static dev.loupe.inference.SmallModels.PREPROCESSING;
import static dev.loupe.inference.SmallModels.png;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.inference.SmallModels;
import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.inference.registry.Origin;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Precision;
import dev.loupe.model.Prediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.UnknownProductException;
import dev.loupe.model.onnx.NonFiniteOutputException;
import dev.loupe.model.onnx.OnnxSession.WorkingMemory;
import dev.loupe.storage.ObjectLocation;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.configuration.MemorySize;
import java.awt.Color;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictionPoolTest {
    private static final List<String> LABELS = List.of("red", "blue");
    private static final String VERSION = "a".repeat(64);

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final PredictionPool pool = new PredictionPool(new OneThread(), metrics);
    private final ModelMemory memory = new ModelMemory(1 << 30);
    private final List<LoadedModel> models = new ArrayList<>();

    @TempDir
    Path folder;

    /** One thread, so that the test decides what waits. */
    private static final class OneThread implements PredictionConfig {
        @Override
        public OptionalInt threads() {
            return OptionalInt.of(1);
        }

        @Override
        public int queue() {
            return 16;
        }

        @Override
        public Optional<MemorySize> queueSize() {
            return Optional.empty();
        }

        @Override
        public MemorySize maxMessageSize() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Duration retryAfter() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int streamInFlight() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int maxBatch() {
            throw new UnsupportedOperationException();
        }
    }

    private record Limits(int maxSize, Duration maxDelay) implements BatchingConfig.Limits {}

    /** @param batch images that were computed together */
    private record Answer(Prediction first, int batch) {
        ClassPrediction prediction() {
            return (ClassPrediction) first;
        }
    }

    /** Asks for the prediction of one image. */
    private record Question(ModelLease lease, byte[] image, String product) implements BatchWork<Answer> {
        Question(ModelLease lease, byte[] image) {
            this(lease, image, null);
        }

        @Override
        public int images() {
            return 1;
        }

        @Override
        public float[] prepare() {
            return PREPROCESSING.apply(image);
        }

        @Override
        public Answer answer(Outputs outputs) {
            return new Answer(outputs.predictions().getFirst(), outputs.batch());
        }
    }

    /** Holds the thread until the latch is open. */
    private record Blocker(ModelLease lease, CountDownLatch latch) implements BatchWork<Answer> {
        @Override
        public int images() {
            return 1;
        }

        @Override
        public float[] prepare() {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            throw new UnsupportedOperationException("it has no image");
        }

        @Override
        public Answer answer(Outputs outputs) {
            throw new UnsupportedOperationException();
        }
    }

    @AfterEach
    void close() throws InterruptedException {
        pool.close();
        models.forEach(LoadedModel::retire);
    }

    private ModelLease lease(Path packed, int maxSize, Duration maxDelay) {
        ModelPackage opened = ModelPackage.open(packed);
        LoadedModel model = new LoadedModel(
                UUID.randomUUID(),
                new ModelVersion(
                        1,
                        UUID.randomUUID(),
                        new ObjectLocation("bucket", "manifest.json"),
                        VERSION,
                        "d",
                        1,
                        "test",
                        Map.of(),
                        "transfer",
                        "scattering",
                        Origin.TRAINED,
                        Instant.EPOCH,
                        null),
                opened.manifest(),
                Predictor.open(opened, Precision.FP32, 1, WorkingMemory.RELEASED),
                null,
                memory.reserveBeyond(0),
                new Limits(maxSize, maxDelay));
        models.add(model);
        return new ModelLease(model, null, null, null);
    }

    private ModelLease classifier(int maxSize) {
        return lease(SmallModels.classifier(folder.resolve("c"), 2, LABELS), maxSize, Duration.ZERO);
    }

    private CompletableFuture<Answer> ask(BatchWork<Answer> question) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Thread.startVirtualThread(Context.current().wrap(() -> {
            try {
                answer.complete(pool.compute(question));
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        }));
        return answer;
    }

    private void awaitWaiting(int count) {
        await().until(() ->
                metrics.get("loupe.predictions").tag("state", "waiting").gauge().value() == count);
    }

    private void awaitBlocked() {
        await().until(() -> metrics.get("loupe.predictions")
                        .tag("state", "computed")
                        .gauge()
                        .value()
                == 1);
    }

    private static void assertSame(ModelLease lease, Color color, Answer answer) {
        ClassPrediction alone =
                (ClassPrediction) lease.predictor().predict(List.of(png(color))).getFirst();
        for (int i = 0; i < LABELS.size(); i++) {
            assertEquals(alone.probabilities()[i], answer.prediction().probabilities()[i], 1e-5);
        }
    }

    @Test
    void requestsThatWaitAreComputedTogetherAsIfAlone() {
        ModelLease lease = classifier(4);
        CountDownLatch latch = new CountDownLatch(1);
        ask(new Blocker(lease(SmallModels.classifier(folder.resolve("other"), 1, LABELS), 4, Duration.ZERO), latch));
        awaitBlocked();
        List<Color> colors = List.of(Color.RED, Color.BLUE, Color.GRAY, Color.PINK, Color.GREEN);
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (Color color : colors) {
            answers.add(ask(new Question(lease, png(color))));
            awaitWaiting(answers.size());
        }
        latch.countDown();

        for (int i = 0; i < colors.size(); i++) {
            assertSame(lease, colors.get(i), answers.get(i).join());
        }
        assertEquals(
                List.of(4, 0, 0, 0, 1),
                answers.stream().map(answer -> answer.join().batch()).toList(),
                "at most four together");
    }

    @Test
    void requestsOfSeveralProductsAreComputedTogetherAndAnUnknownOneFailsAlone() {
        ModelLease lease = lease(SmallModels.productDetector(folder.resolve("products")), 4, Duration.ZERO);
        CountDownLatch latch = new CountDownLatch(1);
        ask(new Blocker(classifier(8), latch));
        awaitBlocked();
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (String product : Arrays.asList("dark", "light", null, "dark", "cup")) {
            answers.add(ask(new Question(lease, png(Color.WHITE), product)));
            awaitWaiting(answers.size());
        }
        latch.countDown();

        List<String> used = answers.stream()
                .limit(4)
                .map(answer -> ((AnomalyPrediction) answer.join().first()).product())
                .toList();
        assertEquals(List.of("dark", "light", "light", "dark"), used);
        assertEquals(4, answers.getFirst().join().batch());
        assertInstanceOf(
                UnknownProductException.class,
                assertThrows(CompletionException.class, answers.getLast()::join).getCause());
    }

    @Test
    void damagedImageNanAndCancelledRequestFailAlone() {
        ModelLease lease = lease(SmallModels.classifierWithoutGreen(folder.resolve("green"), LABELS), 8, Duration.ZERO);
        CountDownLatch latch = new CountDownLatch(1);
        ask(new Blocker(classifier(8), latch));
        awaitBlocked();
        CompletableFuture<Answer> red = ask(new Question(lease, png(Color.RED)));
        CompletableFuture<Answer> damaged = ask(new Question(lease, new byte[] {1, 2, 3}));
        CompletableFuture<Answer> green = ask(new Question(lease, png(Color.GREEN)));
        CompletableFuture<Answer> blue = ask(new Question(lease, png(Color.BLUE)));
        awaitWaiting(4);
        CompletableFuture<Answer> cancelled;
        try (CancellableContext call = Context.current().withCancellation()) {
            Context before = call.attach();
            try {
                cancelled = ask(new Question(lease, png(Color.RED)));
            } finally {
                call.detach(before);
            }
            awaitWaiting(5);
        }
        StatusRuntimeException gone = assertInstanceOf(
                StatusRuntimeException.class,
                assertThrows(CompletionException.class, cancelled::join).getCause());
        assertEquals(Status.Code.CANCELLED, gone.getStatus().getCode());
        latch.countDown();

        assertSame(lease, Color.RED, red.join());
        assertSame(lease, Color.BLUE, blue.join());
        assertThrows(CompletionException.class, damaged::join);
        assertInstanceOf(
                NonFiniteOutputException.class,
                assertThrows(CompletionException.class, green::join).getCause());
    }

    @Test
    void otherVersionsAreNotMixedAndWithoutBatchingEachIsComputedAlone() {
        ModelLease one = classifier(1);
        ModelLease two = lease(SmallModels.classifier(folder.resolve("two"), 5, LABELS), 8, Duration.ZERO);
        CountDownLatch latch = new CountDownLatch(1);
        ask(new Blocker(one, latch));
        awaitBlocked();
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (ModelLease lease : List.of(one, two, one, two)) {
            answers.add(ask(new Question(lease, png(Color.RED))));
            awaitWaiting(answers.size());
        }
        latch.countDown();

        assertEquals(
                List.of(1, 2, 1, 0),
                answers.stream().map(answer -> answer.join().batch()).toList());
        assertSame(one, Color.RED, answers.getFirst().join());
        assertSame(two, Color.RED, answers.getLast().join());
    }

    @Test
    void requestWaitsForOthersAsLongAsTheDelaySays() {
        ModelLease lease = lease(SmallModels.classifier(folder.resolve("c"), 2, LABELS), 2, Duration.ofMinutes(5));
        CompletableFuture<Answer> first = ask(new Question(lease, png(Color.RED)));
        awaitBlocked();
        CompletableFuture<Answer> second = ask(new Question(lease, png(Color.BLUE)));

        assertEquals(2, first.join().batch() + second.join().batch());
        assertSame(lease, Color.RED, first.join());
        assertSame(lease, Color.BLUE, second.join());
    }
}
