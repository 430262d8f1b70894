package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.SIDE;
import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.picture;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.loupe.devstack.CapturedLog;
import dev.loupe.devstack.DevstackTestResource;
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
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Messages that were good, with bytes flipped, cut out, inserted, repeated and exchanged. {@code -Dloupe.fuzz.messages=N}
 * sends more of them, {@code -Dloupe.fuzz.seed=N} others.
 */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class MutatedMessagesIT {
    private static final int MESSAGES = Integer.getInteger("loupe.fuzz.messages", 800);
    private static final long SEED = Long.getLong("loupe.fuzz.seed", 11);
    private static final Set<Status.Code> ALLOWED = Set.of(
            Status.Code.OK, Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND, Status.Code.FAILED_PRECONDITION);
    private static final byte[] INTERESTING = {0, 1, 8, 10, 18, 42, 58, 0x7F, -0x80, -1};

    @Inject
    TestClient client;

    @TempDir
    Path folder;

    private final Random random = new Random(SEED);

    private record Seed(MethodDescriptor<byte[], byte[]> method, byte[] message) {}

    @Test
    void mutatedMessagesAreAnsweredOrRefusedAndTheNextGoodOneIsAnswered() {
        Project project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(project, 1, "READY", SmallModels.anomalyDetector(folder), 0.9);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        List<Seed> seeds = seeds(project);
        Map<Status.Code, Integer> statuses = new EnumMap<>(Status.Code.class);
        try (CapturedLog log = CapturedLog.begin()) {
            for (int i = 0; i < MESSAGES; i++) {
                Seed seed = seeds.get(random.nextInt(seeds.size()));
                byte[] message = mutated(
                        seed.message(), seeds.get(random.nextInt(seeds.size())).message());
                Status status = status(seed.method(), message);
                assertTrue(
                        ALLOWED.contains(status.getCode()),
                        () -> "seed " + SEED + ", message " + Arrays.toString(message) + ": " + status);
                statuses.merge(status.getCode(), 1, Integer::sum);
                if (i % 100 == 0) {
                    seeds.forEach(good -> assertEquals(
                            Status.Code.OK,
                            status(good.method(), good.message()).getCode()));
                }
            }
            assertEquals(List.of(), log.lines("xception"));
            assertEquals(List.of(), log.lines("unexpected"));
        }
        seeds.forEach(good -> assertEquals(
                Status.Code.OK, status(good.method(), good.message()).getCode()));
        assertTrue(statuses.keySet().size() > 2, "not only one way of being wrong: " + statuses);
    }

    private static List<Seed> seeds(Project project) {
        MethodDescriptor<byte[], byte[]> infer = bytes(GRPCInferenceServiceGrpc.getModelInferMethod());
        ModelInferRequest contents = picture(project, "1", png(Color.RED))
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

    private byte[] mutated(byte[] message, byte[] other) {
        byte[] result = message.clone();
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(result.length + 1);
            int length = random.nextInt(Math.min(32, result.length - at + 1));
            result = switch (random.nextInt(6)) {
                case 0 -> Arrays.copyOf(result, at);
                case 1 -> joined(result, at, at + length, new byte[0]);
                case 2 -> joined(result, at, at, drawn(length));
                case 3 -> joined(result, at, at, Arrays.copyOfRange(result, at, at + length));
                case 4 ->
                    joined(
                            result,
                            at,
                            result.length,
                            Arrays.copyOfRange(other, Math.min(at, other.length), other.length));
                default -> flipped(result);
            };
        }
        return result;
    }

    private byte[] drawn(int length) {
        byte[] drawn = new byte[length];
        for (int i = 0; i < length; i++) {
            drawn[i] = INTERESTING[random.nextInt(INTERESTING.length)];
        }
        return drawn;
    }

    /** Near the beginning more often: there are the names, the shape and the lengths. */
    private byte[] flipped(byte[] message) {
        if (message.length > 0) {
            int reach = random.nextBoolean() ? message.length : Math.min(message.length, 80);
            message[random.nextInt(reach)] ^= (byte) (1 << random.nextInt(8));
        }
        return message;
    }

    private static byte[] joined(byte[] message, int end, int begin, byte[] between) {
        byte[] joined = Arrays.copyOf(message, end + between.length + message.length - begin);
        System.arraycopy(between, 0, joined, end, between.length);
        System.arraycopy(message, begin, joined, end + between.length, message.length - begin);
        return joined;
    }
}
