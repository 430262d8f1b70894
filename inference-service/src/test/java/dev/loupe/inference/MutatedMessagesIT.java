package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.SIDE;
import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.image;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.inference.v1.DetectAnomalyRequest;
import dev.loupe.inference.v1.DetectAnomalyStreamResponse;
import dev.loupe.inference.v1.InferenceServiceGrpc;
import dev.loupe.inference.v1.ModelSelector;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.InferParameter;
import dev.loupe.oip.v2.ModelConfigRequest;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.loupe.oip.v2.ModelReadyRequest;
import dev.loupe.oip.v2.ModelRepositoryParameter;
import dev.loupe.oip.v2.ModelStatisticsRequest;
import dev.loupe.oip.v2.ModelStreamInferResponse;
import dev.loupe.oip.v2.RepositoryIndexRequest;
import dev.loupe.oip.v2.RepositoryModelLoadRequest;
import dev.loupe.oip.v2.RepositoryModelUnloadRequest;
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
    private static final Fuzz MESSAGES = new Fuzz("messages", 500, 60_000);

    @Inject
    TestClient client;

    @TempDir
    Path folder;

    private record Seed(MethodDescriptor<byte[], byte[]> method, byte[] message) {}

    @Test
    void answersOrRefusesMutatedMessagesAndContinues() {
        Project project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(project, 1, "READY", SmallModels.anomalyDetector(folder.resolve("1")), 0.9);
        client.publish(project, 2, "READY", SmallModels.anomalyDetector(folder.resolve("2")), 0.9);
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
        ModelInferRequest pixels = raw.clone()
                .setInputs(
                        0,
                        InferInputTensor.newBuilder()
                                .setName("pixels")
                                .setDatatype("UINT8")
                                .addAllShape(List.of(2L, 5L, 7L, 3L)))
                .setRawInputContents(0, ByteString.copyFrom(new byte[2 * 5 * 7 * 3]))
                .build();
        ModelInferRequest half = tensor.toBuilder()
                .setInputs(0, tensor.getInputs(0).toBuilder().setDatatype("FP16"))
                .setRawInputContents(0, ByteString.copyFrom(new byte[2 * 3 * SIDE * SIDE]))
                .build();
        ModelReadyRequest ready =
                ModelReadyRequest.newBuilder().setName(project.name()).build();
        return List.of(
                new Seed(infer, contents.toByteArray()),
                new Seed(infer, raw.build().toByteArray()),
                new Seed(infer, tensor.toByteArray()),
                new Seed(bytes(InferenceServiceGrpc.getDetectAnomalyMethod()), typed.toByteArray()),
                new Seed(bytes(GRPCInferenceServiceGrpc.getModelReadyMethod()), ready.toByteArray()),
                new Seed(infer, pixels.toByteArray()),
                new Seed(infer, half.toByteArray()),
                new Seed(bytes(GRPCInferenceServiceGrpc.getModelStreamInferMethod()), contents.toByteArray()),
                new Seed(bytes(InferenceServiceGrpc.getDetectAnomalyStreamMethod()), typed.toByteArray()),
                new Seed(
                        bytes(GRPCInferenceServiceGrpc.getModelConfigMethod()),
                        ModelConfigRequest.newBuilder()
                                .setName(project.name())
                                .setVersion("2")
                                .build()
                                .toByteArray()),
                new Seed(
                        bytes(GRPCInferenceServiceGrpc.getModelStatisticsMethod()),
                        ModelStatisticsRequest.newBuilder()
                                .setName(project.name())
                                .setVersion("1")
                                .build()
                                .toByteArray()),
                new Seed(
                        bytes(GRPCInferenceServiceGrpc.getRepositoryIndexMethod()),
                        RepositoryIndexRequest.newBuilder()
                                .setReady(true)
                                .build()
                                .toByteArray()),
                new Seed(
                        bytes(GRPCInferenceServiceGrpc.getRepositoryModelLoadMethod()),
                        RepositoryModelLoadRequest.newBuilder()
                                .setModelName(project.name())
                                .putParameters("version", text("2"))
                                .build()
                                .toByteArray()),
                new Seed(
                        bytes(GRPCInferenceServiceGrpc.getRepositoryModelUnloadMethod()),
                        RepositoryModelUnloadRequest.newBuilder()
                                .setModelName(project.name())
                                .putParameters("version", text("2"))
                                .build()
                                .toByteArray()));
    }

    private static ModelRepositoryParameter text(String value) {
        return ModelRepositoryParameter.newBuilder().setStringParam(value).build();
    }

    private static MethodDescriptor<byte[], byte[]> bytes(MethodDescriptor<?, ?> method) {
        // As a unary call, a stream has one request and one answer.
        return method.toBuilder(MessageLimitsIT.BYTES, MessageLimitsIT.BYTES)
                .setType(MethodDescriptor.MethodType.UNARY)
                .build();
    }

    private Status status(MethodDescriptor<byte[], byte[]> method, byte[] message) {
        try {
            byte[] answer = ClientCalls.blockingUnaryCall(
                    client.channel(), method, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), message);
            return ofStream(method.getFullMethodName(), answer);
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }

    /** The status of the one request of a stream; OK for the answer to any other call. */
    private static Status ofStream(String method, byte[] answer) {
        try {
            if (method.equals(
                    InferenceServiceGrpc.getDetectAnomalyStreamMethod().getFullMethodName())) {
                return Status.fromCodeValue(
                        DetectAnomalyStreamResponse.parseFrom(answer).getError().getStatus());
            }
            if (method.equals(
                    GRPCInferenceServiceGrpc.getModelStreamInferMethod().getFullMethodName())) {
                String error = ModelStreamInferResponse.parseFrom(answer).getErrorMessage();
                return error.startsWith("INTERNAL") ? Status.INTERNAL.withDescription(error) : Status.OK;
            }
            return Status.OK;
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
