package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.SIDE;
import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.image;
import static dev.loupe.inference.TestClient.reason;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.inference.v1.ClassifyRequest;
import dev.loupe.oip.v2.InferTensorContents;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.loupe.testing.DevstackTestResource;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The row "gRPC" of the reliability table: what is wrong is named, and the next good request succeeds. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class HostileInputIT {
    private static final byte[] RED = png(Color.RED);
    private static final long S = SIDE;
    private static final int FLOATS = 3 * SIDE * SIDE;

    @Inject
    TestClient client;

    @TempDir
    Path folder;

    /** A bad request, the status that it deserves, and words that the message must have. */
    private record Bad(String what, ModelInferRequest request, Status.Code status, String code, String... words) {}

    private final List<Bad> table = new ArrayList<>();
    private Project project;

    private void invalid(String what, ModelInferRequest.Builder request, String... words) {
        table.add(new Bad(what, request.build(), Status.Code.INVALID_ARGUMENT, "INVALID_REQUEST", words));
    }

    @Test
    void refusesInvalidRequestsWithExpectedAndActualValue() {
        project = Project.of(Task.CLASSIFICATION);
        client.publish(project, 1, "READY", SmallModels.classifier(folder, 2, List.of("red", "blue")), 0.9);
        shapes();
        contents();
        names();
        longNames();
        images();

        assertAll(table.stream().map(bad -> (Executable) () -> {
            StatusRuntimeException e = assertThrows(
                    StatusRuntimeException.class, () -> client.open().modelInfer(bad.request()), bad.what());
            assertEquals(bad.status(), e.getStatus().getCode(), bad.what() + ": " + e.getMessage());
            assertEquals(bad.code(), reason(e), bad.what());
            Arrays.stream(bad.words())
                    .forEach(word -> assertTrue(e.getMessage().contains(word), bad.what() + ": " + e.getMessage()));
            assertFalse(e.getMessage().contains("Exception"), e.getMessage());
        }));
        assertEquals(
                "1", client.open().modelInfer(image(project, "1", RED).build()).getModelVersion());
    }

    private void shapes() {
        invalid("negative", shaped(raw(RED), -1), "1..32", "-1");
        invalid("zero", shaped(raw(RED), 0), "1..32", "0");
        invalid("overflow", shaped(raw(RED), Long.MAX_VALUE), "1..32", "9223372036854775807");
        invalid("too many", shaped(raw(RED), 33), "1..32", "33");
        invalid("no shape", shaped(raw(RED)), "[n]", "[]");
        invalid("two dimensions", shaped(raw(RED), 1, 1), "[n]", "[1, 1]");
        invalid("tensor without batch", tensor(FLOATS, 3, S, S), "[n, 3, 8, 8]", "[3, 8, 8]");
        invalid("tensor of another size", tensor(FLOATS, 1, 3, S, S + 1), "[n, 3, 8, 8]", "[1, 3, 8, 9]");
        invalid("tensor of a negative size", tensor(FLOATS, 1, -3, -S, S), "[n, 3, 8, 8]", "-3");
        invalid("tensor that overflows", tensor(FLOATS, 1, 3, 1L << 62, 4), "[n, 3, 8, 8]");
        invalid("tensor without shape", tensor(FLOATS), "[n, 3, 8, 8]", "[]");
    }

    private void contents() {
        invalid("a value too few", tensor(FLOATS - 1, 1, 3, S, S), "768", "764");
        invalid("a value too many", tensor(FLOATS + 1, 1, 3, S, S), "768", "772");
        ByteBuffer nan = ByteBuffer.allocate(4 * FLOATS).order(ByteOrder.LITTLE_ENDIAN);
        nan.putFloat(4 * 7, Float.NaN);
        invalid(
                "NaN",
                tensor(0, 1, 3, S, S).setRawInputContents(0, ByteString.copyFrom(nan.array())),
                "value 7 is NaN",
                "finite");
        nan.putFloat(4 * 7, Float.POSITIVE_INFINITY);
        invalid(
                "infinite",
                tensor(0, 1, 3, S, S).setRawInputContents(0, ByteString.copyFrom(nan.array())),
                "value 7 is Inf");
        invalid(
                "few fp32_contents",
                request(input("tensor", "FP32", 1, 3, S, S)
                        .setContents(InferTensorContents.newBuilder().addAllFp32Contents(Collections.nCopies(5, 1f)))),
                "192",
                "5");
        invalid(
                "contents of another type",
                request(input("tensor", "FP32", 1, 3, S, S)
                        .setContents(InferTensorContents.newBuilder().addIntContents(1))),
                "int_contents");
        invalid(
                "contents twice",
                request(input("image", "BYTES", 1)
                                .setContents(
                                        InferTensorContents.newBuilder().addBytesContents(ByteString.copyFrom(RED))))
                        .addRawInputContents(raw(RED)),
                "contents",
                "raw_input_contents");
        invalid("two raw entries", shaped(raw(RED), 1).addRawInputContents(raw(RED)), "(1)", "got 2");
        invalid("no contents", request(input("image", "BYTES", 1)), "1 elements", "got 0");
        invalid("length beyond the end", shaped(le(1 << 20), 1), "1048576", "0 follow");
        invalid("negative length", shaped(le(-1), 1), "4294967295");
        invalid("cut length", shaped(ByteString.copyFrom(new byte[3]), 1), "end after 0");
        invalid("one element too few", shaped(raw(RED), 2), "2 elements", "end after 1");
        invalid("bytes after the last", shaped(raw(RED).concat(ByteString.copyFrom(new byte[2])), 1), "2 bytes follow");
    }

    private void names() {
        invalid(
                "no input",
                ModelInferRequest.newBuilder().setModelName(project.name()).setModelVersion("1"),
                "[]");
        invalid("two inputs", shaped(raw(RED), 1).addInputs(input("tensor", "FP32", 1, 3, S, S)), "'image', 'tensor'");
        invalid("one input twice", shaped(raw(RED), 1).addInputs(input("image", "BYTES", 1)), "'image', 'image'");
        invalid("unknown input", request(input("photo", "BYTES", 1)), "'image', 'pixels' or 'tensor'", "photo");
        invalid("unknown type", request(input("image", "STRING", 1)), "BYTES", "STRING");
        invalid("type of the other", request(input("tensor", "FP64", 1, 3, S, S)), "FP32", "FP64");
        invalid(
                "unknown output",
                shaped(raw(RED), 1)
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("anomaly_map")),
                "probabilities",
                "anomaly_map");
        invalid(
                "output twice",
                shaped(raw(RED), 1)
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("label"))
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("label")),
                "twice");
        table.add(new Bad(
                "unknown model",
                shaped(raw(RED), 1).setModelName("unknown' or 1=1").build(),
                Status.Code.NOT_FOUND,
                "MODEL_NOT_FOUND",
                "unknown"));
        for (String version : List.of("7", "99999999999999999999", "no-such-alias", "-1", "../1")) {
            table.add(new Bad(
                    "version " + version,
                    shaped(raw(RED), 1).setModelVersion(version).build(),
                    Status.Code.NOT_FOUND,
                    "MODEL_VERSION_NOT_FOUND",
                    version));
        }
    }

    /** Trailers of more than 8 KiB reach a client as INTERNAL. */
    private void longNames() {
        for (String unit : List.of("a", "ü", "漢", "\uD83D\uDD0D", "\n", "%")) {
            String name = unit.repeat(5000);
            table.add(new Bad(
                    "long model",
                    shaped(raw(RED), 1).setModelName(name).build(),
                    Status.Code.NOT_FOUND,
                    "MODEL_NOT_FOUND"));
            table.add(new Bad(
                    "long version",
                    shaped(raw(RED), 1).setModelVersion(name).build(),
                    Status.Code.NOT_FOUND,
                    "MODEL_VERSION_NOT_FOUND",
                    project.name()));
            invalid("long input", request(input(name, "BYTES", 1)), "'image', 'pixels' or 'tensor'");
            invalid("long type", request(input("image", name, 1)), "expected datatype BYTES");
            invalid(
                    "long output",
                    shaped(raw(RED), 1)
                            .addOutputs(InferRequestedOutputTensor.newBuilder().setName(name)),
                    "probabilities");
        }
        invalid("many dimensions", shaped(raw(RED), new long[5000]), "5000 dimensions");
        ModelInferRequest.Builder inputs = shaped(raw(RED), 1);
        for (int i = 0; i < 100; i++) {
            inputs.addInputs(input("n" + i, "BYTES", 1));
        }
        invalid("many inputs", inputs, "101", "'n1'");
    }

    private void images() {
        byte[] svg = "<svg xmlns='http://www.w3.org/2000/svg'/>".getBytes();
        table.add(new Bad(
                "SVG", shaped(raw(svg), 1).build(), Status.Code.INVALID_ARGUMENT, "IMAGE_UNSUPPORTED", "image 0"));
        table.add(new Bad(
                "no bytes",
                shaped(raw(new byte[0]), 1).build(),
                Status.Code.INVALID_ARGUMENT,
                "IMAGE_UNSUPPORTED",
                "image 0"));
        table.add(new Bad(
                "truncated",
                shaped(ServingIT.elements(RED, Arrays.copyOf(RED, RED.length / 2)), 2)
                        .build(),
                Status.Code.INVALID_ARGUMENT,
                "IMAGE_DAMAGED",
                "image 1"));
    }

    @Test
    void refusesAMessageOneByteOverTheLimitAndKeepsTheConnection() {
        int limit = 16 << 20;
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder();
        int rest = limit
                - request.addRawInputContents(ByteString.copyFrom(new byte[limit / 2]))
                        .build()
                        .getSerializedSize()
                + limit / 2;
        ModelInferRequest exact = request.setRawInputContents(0, ByteString.copyFrom(new byte[rest]))
                .build();
        assertEquals(limit, exact.getSerializedSize());
        StatusRuntimeException atTheLimit =
                assertThrows(StatusRuntimeException.class, () -> client.open().modelInfer(exact));
        assertEquals("MODEL_NOT_FOUND", reason(atTheLimit));

        StatusRuntimeException over = assertThrows(StatusRuntimeException.class, () -> client.open()
                .modelInfer(request.setRawInputContents(0, ByteString.copyFrom(new byte[rest + 1]))
                        .build()));
        assertEquals(Status.Code.INVALID_ARGUMENT, over.getStatus().getCode(), "a retry does not help");
        assertEquals("REQUEST_TOO_LARGE", reason(over));
        assertTrue(over.getMessage().contains(String.valueOf(limit)), over.getMessage());
        assertEquals("MODEL_NOT_FOUND", reason(assertThrows(StatusRuntimeException.class, () -> client.open()
                .modelInfer(exact))));
    }

    @Test
    void typedCallsNameTheMissingField() {
        StatusRuntimeException e = assertThrows(
                StatusRuntimeException.class, () -> client.typed().classify(ClassifyRequest.getDefaultInstance()));
        assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
        assertTrue(e.getMessage().contains("selector.model"), e.getMessage());
    }

    private ModelInferRequest.Builder request(InferInputTensor.Builder input) {
        return ModelInferRequest.newBuilder()
                .setModelName(project.name())
                .setModelVersion("1")
                .addInputs(input);
    }

    private ModelInferRequest.Builder shaped(ByteString raw, long... shape) {
        return request(input("image", "BYTES", shape)).addRawInputContents(raw);
    }

    private ModelInferRequest.Builder tensor(int floats, long... shape) {
        return request(input("tensor", "FP32", shape)).addRawInputContents(ByteString.copyFrom(new byte[4 * floats]));
    }

    private static InferInputTensor.Builder input(String name, String type, long... shape) {
        return InferInputTensor.newBuilder()
                .setName(name)
                .setDatatype(type)
                .addAllShape(Arrays.stream(shape).boxed().toList());
    }

    private static ByteString raw(byte[] element) {
        return ServingIT.elements(element);
    }

    private static ByteString le(int value) {
        return ByteString.copyFrom(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .flip());
    }
}
