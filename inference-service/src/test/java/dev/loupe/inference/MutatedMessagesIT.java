package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.SIDE;
import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.image;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.inference.v1.DetectAnomalyRequest;
import dev.loupe.inference.v1.InferenceServiceGrpc;
import dev.loupe.inference.v1.ModelSelector;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.InferParameter;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.loupe.oip.v2.ModelReadyRequest;
import dev.loupe.testing.CapturedLog;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.Fuzz;
import dev.loupe.testing.Mutation;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that were good, with bytes flipped, cut out, inserted, repeated and exchanged. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class MutatedMessagesIT {
    private static final Set<Status.Code> ALLOWED = Set.of(
            Status.Code.OK, Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND, Status.Code.FAILED_PRECONDITION);
    private static final Fuzz MESSAGES = new Fuzz("messages", 500, 20_000);

    @Inject
    TestClient client;

    @TempDir
    Path folder;

    private record Seed(MethodDescriptor<byte[], byte[]> method, byte[] message) {}

    @Test
    void answersOrRefusesMutatedMessagesAndContinues() {
        Project project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(project, 1, "READY", SmallModels.anomalyDetector(folder), 0.9);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        List<Seed> seeds = seeds(project);
        Map<Status.Code, Integer> statuses = new EnumMap<>(Status.Code.class);
        try (CapturedLog log = CapturedLog.begin()) {
            MESSAGES.run(random -> mutated(seeds, random), input -> {
                Seed seed = seeds.get(input[0]);
                Status status = status(seed.method(), Arrays.copyOfRange(input, 1, input.length));
                assertTrue(ALLOWED.contains(status.getCode()), status::toString);
                if (statuses.merge(status.getCode(), 1, Integer::sum) % 100 == 0) {
                    assertAnswered(seeds);
                }
            });
            assertEquals(List.of(), log.lines("xception"));
            assertEquals(List.of(), log.lines("unexpected"));
        }
        assertAnswered(seeds);
        assertTrue(statuses.keySet().size() > 2, "not only one way of being wrong: " + statuses);
    }

    private void assertAnswered(List<Seed> seeds) {
        seeds.forEach(good -> assertEquals(
                Status.Code.OK, status(good.method(), good.message()).getCode()));
    }

    /** The number of a seed in one byte, then a changed message; one of three ends as another seed's message does. */
    private static byte[] mutated(List<Seed> seeds, RandomGenerator random) {
        int number = random.nextInt(seeds.size());
        ByteString message = ByteString.copyFrom(seeds.get(number).message());
        if (random.nextInt(3) == 0) {
            ByteString other =
                    ByteString.copyFrom(seeds.get(random.nextInt(seeds.size())).message());
            int at = random.nextInt(Math.min(message.size(), other.size()));
            message = message.substring(0, at).concat(other.substring(at));
        }
        byte[] changed = Mutation.of(message.toByteArray(), random);
        return ByteString.copyFrom(new byte[] {(byte) number})
                .concat(ByteString.copyFrom(changed))
                .toByteArray();
    }

    private static List<Seed> seeds(Project project) {
        MethodDescriptor<byte[], byte[]> infer = bytes(GRPCInferenceServiceGrpc.getModelInferMethod());
        ModelInferRequest contents = image(project, "1", png(Color.RED))
                .putParameters(
                        "priority", InferParameter.newBuilder().setInt64Param(3).build())
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("anomaly_map"))
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("anomalous"))
                .build();
        ModelInferRequest.Builder raw = ModelInferRequest.newBuilder()
                .setModelName(project.name())
                .addInputs(InferInputTensor.newBuilder()
                        .setName("image")
                        .setDatatype("BYTES")
                        .addShape(2))
                .addRawInputContents(ServingIT.elements(png(Color.WHITE), png(Color.BLUE)));
        ModelInferRequest tensor = raw.clone()
                .setInputs(
                        0,
                        InferInputTensor.newBuilder()
                                .setName("tensor")
                                .setDatatype("FP32")
                                .addAllShape(List.of(1L, 3L, (long) SIDE, (long) SIDE)))
                .setRawInputContents(0, ByteString.copyFrom(new byte[4 * 3 * SIDE * SIDE]))
                .build();
        DetectAnomalyRequest typed = DetectAnomalyRequest.newBuilder()
                .setSelector(ModelSelector.newBuilder().setModel(project.name()).setVersion("production"))
                .setImage(ByteString.copyFrom(png(Color.WHITE)))
                .setHeatmap(true)
                .build();
        ModelReadyRequest ready =
                ModelReadyRequest.newBuilder().setName(project.name()).build();
        return List.of(
                new Seed(infer, contents.toByteArray()),
                new Seed(infer, raw.build().toByteArray()),
                new Seed(infer, tensor.toByteArray()),
                new Seed(bytes(InferenceServiceGrpc.getDetectAnomalyMethod()), typed.toByteArray()),
                new Seed(bytes(GRPCInferenceServiceGrpc.getModelReadyMethod()), ready.toByteArray()));
    }

    private static MethodDescriptor<byte[], byte[]> bytes(MethodDescriptor<?, ?> method) {
        return method.toBuilder(MessageLimitsIT.BYTES, MessageLimitsIT.BYTES).build();
    }

    private Status status(MethodDescriptor<byte[], byte[]> method, byte[] message) {
        try {
            ClientCalls.blockingUnaryCall(
                    client.channel(), method, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), message);
            return Status.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }
}
