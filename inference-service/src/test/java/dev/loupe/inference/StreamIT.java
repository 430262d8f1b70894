package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.SIDE;
import static dev.loupe.inference.SmallModels.png;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.inference.v1.ClassifyRequest;
import dev.loupe.inference.v1.ClassifyStreamResponse;
import dev.loupe.inference.v1.DetectAnomalyRequest;
import dev.loupe.inference.v1.DetectAnomalyStreamResponse;
import dev.loupe.inference.v1.InferenceServiceGrpc;
import dev.loupe.inference.v1.ModelSelector;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.loupe.oip.v2.ModelStatisticsRequest;
import dev.loupe.oip.v2.ModelStreamInferResponse;
import dev.loupe.testing.DevstackTestResource;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.stream.LongStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams of frames. At most four requests of a stream are in flight; two threads compute, eight requests wait. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class StreamIT {
    private static final int IN_FLIGHT = 4;

    @Inject
    TestClient client;

    @Inject
    MeterRegistry metrics;

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    @TempDir
    Path folder;

    /** The answers of a stream; reads them as the test says. */
    private static final class Answers<Q, A> implements ClientResponseObserver<Q, A> {
        private final List<A> all = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private final boolean reading;
        private ClientCallStreamObserver<Q> call;

        Answers(boolean reading) {
            this.reading = reading;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Q> stream) {
            call = stream;
            if (!reading) {
                stream.disableAutoRequestWithInitial(0);
            }
        }

        @Override
        public void onNext(A answer) {
            all.add(answer);
        }

        @Override
        public void onError(Throwable e) {
            ended.completeExceptionally(e);
        }

        @Override
        public void onCompleted() {
            ended.complete(null);
        }

        List<A> all() throws Exception {
            ended.get(60, TimeUnit.SECONDS);
            return all;
        }
    }

    @AfterEach
    void allMemoryReturns() {
        await().atMost(TestClient.PATIENCE)
                .until(() -> metrics.get("loupe.messages.reserved").gauge().value() == 0);
    }

    private double predictions() {
        return metrics.get("loupe.predictions").gauges().stream()
                .mapToDouble(gauge -> gauge.value())
                .sum();
    }

    private Project publish(Task task, Path model) {
        Project project = Project.of(task);
        client.publish(project, 1, "READY", model, 0.9);
        return project;
    }

    private static ModelSelector version1(Project project) {
        return ModelSelector.newBuilder()
                .setModel(project.name())
                .setVersion("1")
                .build();
    }

    private static ClassifyRequest frame(Project project, byte[] image) {
        return ClassifyRequest.newBuilder()
                .setSelector(version1(project))
                .setImage(ByteString.copyFrom(image))
                .build();
    }

    @Test
    void aFrameThatIsRefusedGetsItsErrorAndTheNextOneItsPrediction() throws Exception {
        Project project = publish(Task.CLASSIFICATION, SmallModels.classifier(folder, 2, List.of("red", "blue")));
        Answers<ClassifyRequest, ClassifyStreamResponse> answers = new Answers<>(true);
        StreamObserver<ClassifyRequest> frames =
                InferenceServiceGrpc.newStub(client.channel()).classifyStream(answers);
        frames.onNext(frame(project, png(Color.RED)));
        frames.onNext(frame(project, new byte[] {1, 2, 3}));
        frames.onNext(frame(project, png(Color.BLUE)));
        frames.onCompleted();

        List<ClassifyStreamResponse> all = answers.all();
        assertEquals(
                List.of(0L, 1L, 2L),
                all.stream().map(ClassifyStreamResponse::getIndex).toList());
        assertEquals("red", all.get(0).getPrediction().getLabel());
        assertEquals("IMAGE_UNSUPPORTED", all.get(1).getError().getCode());
        assertEquals(Status.Code.INVALID_ARGUMENT.value(), all.get(1).getError().getStatus());
        assertFalse(all.get(1).getError().hasRetryDelay(), "the same image would be refused again");
        assertEquals("blue", all.get(2).getPrediction().getLabel());
    }

    @Test
    void anAnomalyStreamReturnsHeatmapsAndRefusesAClassifier() throws Exception {
        Project project = publish(Task.ANOMALY_DETECTION, SmallModels.anomalyDetector(folder.resolve("a")));
        Project other =
                publish(Task.CLASSIFICATION, SmallModels.classifier(folder.resolve("c"), 2, List.of("red", "blue")));
        Answers<DetectAnomalyRequest, DetectAnomalyStreamResponse> answers = new Answers<>(true);
        StreamObserver<DetectAnomalyRequest> frames =
                InferenceServiceGrpc.newStub(client.channel()).detectAnomalyStream(answers);
        DetectAnomalyRequest white = DetectAnomalyRequest.newBuilder()
                .setSelector(version1(project))
                .setImage(ByteString.copyFrom(png(Color.WHITE)))
                .setHeatmap(true)
                .build();
        frames.onNext(white);
        frames.onNext(white.toBuilder().setSelector(version1(other)).build());
        frames.onCompleted();

        List<DetectAnomalyStreamResponse> all = answers.all();
        assertTrue(all.get(0).getPrediction().getAnomalous());
        assertFalse(all.get(0).getPrediction().getHeatmapPng().isEmpty());
        assertEquals("MODEL_TASK_MISMATCH", all.get(1).getError().getCode());
    }

    @Test
    void aFastClientIsHeldBackAndLosesNoFrame() throws Exception {
        Project project = publish(Task.CLASSIFICATION, SmallModels.slowClassifier(folder));
        Answers<ClassifyRequest, ClassifyStreamResponse> answers = new Answers<>(true);
        StreamObserver<ClassifyRequest> frames =
                InferenceServiceGrpc.newStub(client.channel()).classifyStream(answers);
        DoubleAccumulator most = new DoubleAccumulator(Math::max, 0);
        for (int i = 0; i < 16; i++) { // more than the queue takes: without flow control some would be refused
            frames.onNext(frame(project, png(Color.RED)));
        }
        frames.onCompleted();
        await().pollInterval(Duration.ofMillis(5)).atMost(Duration.ofMinutes(2)).until(() -> {
            most.accumulate(predictions());
            return answers.ended.isDone();
        });

        List<ClassifyStreamResponse> all = answers.all();
        assertEquals(
                LongStream.range(0, 16).boxed().toList(),
                all.stream().map(ClassifyStreamResponse::getIndex).toList());
        all.forEach(answer -> assertEquals("red", answer.getPrediction().getLabel(), answer.toString()));
        // A thread that has just answered counts for a moment.
        assertTrue(most.get() >= 2 && most.get() <= IN_FLIGHT + 2, "in flight: " + most);
    }

    @Test
    void aClientThatDoesNotReadItsAnswersIsHeldBack() throws Exception {
        Project project = publish(Task.ANOMALY_DETECTION, SmallModels.anomalyDetector(folder));
        int count = 100;
        int batch = 32;
        ModelInferRequest maps = ModelInferRequest.newBuilder()
                .setModelName(project.name())
                .setModelVersion("1")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("tensor")
                        .setDatatype("FP32")
                        .addAllShape(List.of((long) batch, 3L, (long) SIDE, (long) SIDE)))
                .addRawInputContents(ByteString.copyFrom(new byte[4 * batch * 3 * SIDE * SIDE]))
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("anomaly_map"))
                .build();
        Answers<ModelInferRequest, ModelStreamInferResponse> answers = new Answers<>(false);
        ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", port)
                .usePlaintext()
                .flowControlWindow(1 << 16)
                .build();
        StreamObserver<ModelInferRequest> requests =
                GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(answers);
        for (int i = 0; i < count; i++) {
            requests.onNext(maps);
        }
        requests.onCompleted();
        // The answers, 8 KiB each, fill the window of the client and the buffer of the server, 96 KiB; then it stops.
        await().atMost(TestClient.PATIENCE).until(() -> executions(project) >= IN_FLIGHT);
        await().during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(20))
                .until(() -> executions(project) < count / 2);

        answers.call.request(count);
        assertEquals(count, answers.all().size());
        assertEquals(count, executions(project));
        channel.shutdownNow();
    }

    private long executions(Project project) {
        return client.open()
                .modelStatistics(ModelStatisticsRequest.newBuilder()
                        .setName(project.name())
                        .setVersion("1")
                        .build())
                .getModelStats(0)
                .getExecutionCount();
    }

    @Test
    void aCancelledStreamFreesItsPlacesInTheQueue() throws Exception {
        Project project = publish(Task.CLASSIFICATION, SmallModels.slowClassifier(folder));
        List<Answers<ClassifyRequest, ClassifyStreamResponse>> streams =
                List.of(new Answers<>(true), new Answers<>(true));
        for (Answers<ClassifyRequest, ClassifyStreamResponse> answers : streams) {
            StreamObserver<ClassifyRequest> frames =
                    InferenceServiceGrpc.newStub(client.channel()).classifyStream(answers);
            for (int i = 0; i < 2 * IN_FLIGHT; i++) {
                frames.onNext(frame(project, png(Color.RED)));
            }
        }
        await().atMost(TestClient.PATIENCE)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> waiting() == 2 * IN_FLIGHT - 2);
        streams.forEach(answers -> answers.call.cancel("the test has seen enough", null));
        await().atMost(TestClient.PATIENCE).until(() -> waiting() == 0);
        assertEquals(
                "red", client.typed().classify(frame(project, png(Color.RED))).getLabel());
    }

    private double waiting() {
        return metrics.get("loupe.predictions").tag("state", "waiting").gauge().value();
    }
}
