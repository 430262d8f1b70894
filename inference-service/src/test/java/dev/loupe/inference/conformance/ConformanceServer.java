package dev.loupe.inference.conformance;

import static dev.loupe.inference.SmallModels.SIDE;

import com.google.protobuf.ByteString;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.SmallModels;
import dev.loupe.inference.TestClient;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.loupe.oip.v2.InferTensorContents;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.oip.v2.ModelStreamInferResponse;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.restassured.response.Response;
import java.awt.Color;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A running service with small models, and calls to it. */
final class ConformanceServer {
    final TestClient client;
    /** A classifier with two versions, both READY: 1 in production, and 2, also named {@code candidate}. */
    final Project classifier = Project.of(Task.CLASSIFICATION);
    /** An anomaly detector with version 1 in production. */
    final Project detector = Project.of(Task.ANOMALY_DETECTION);
    /** A model whose only version cannot be loaded. */
    final Project broken = Project.of(Task.CLASSIFICATION);
    /** A model with version 1 in production, and 2 and 3 without an alias. */
    final Project moving = Project.of(Task.CLASSIFICATION);

    ConformanceServer(TestClient client, Path folder) {
        this.client = client;
        for (int version = 1; version <= 2; version++) {
            client.publish(classifier, version, "READY", model(folder, "c" + version, 2 * version), 0.9);
            client.promote(classifier, version == 1 ? "production" : "candidate", Map.of("version", version))
                    .then()
                    .statusCode(200);
        }
        client.publish(detector, 1, "READY", SmallModels.anomalyDetector(folder.resolve("d")), 0.9);
        client.promote(detector, "production", Map.of("version", 1)).then().statusCode(200);
        client.publish(broken, 1, "UNAVAILABLE", SmallModels.anomalyDetector(folder.resolve("b")), 0.9);
        for (int version = 1; version <= 3; version++) {
            client.publish(moving, version, "READY", model(folder, "m" + version, version), 0.9);
            if (version == 1) {
                client.promote(moving, "production", Map.of("version", 1))
                        .then()
                        .statusCode(200);
            }
        }
    }

    private static Path model(Path folder, String name, int gain) {
        return SmallModels.classifier(folder.resolve(name), gain, List.of("red", "blue"));
    }

    GRPCInferenceServiceBlockingStub open() {
        return client.open();
    }

    ModelInferResponse infer(ModelInferRequest.Builder request) {
        return open().modelInfer(request.build());
    }

    /** A request to the classifier in production, without inputs. */
    ModelInferRequest.Builder request() {
        return ModelInferRequest.newBuilder().setModelName(classifier.name());
    }

    /** A request for one red image, in {@code contents}. */
    ModelInferRequest.Builder image() {
        return request().addInputs(encoded(Color.RED));
    }

    ModelInferRequest.Builder image(Project project, String version) {
        return image().setModelName(project.name()).setModelVersion(version);
    }

    static InferInputTensor.Builder encoded(Color... colors) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        Stream.of(colors).map(SmallModels::png).map(ByteString::copyFrom).forEach(contents::addBytesContents);
        return input("image", "BYTES", colors.length).setContents(contents);
    }

    static InferInputTensor.Builder input(String name, String datatype, long... shape) {
        InferInputTensor.Builder input =
                InferInputTensor.newBuilder().setName(name).setDatatype(datatype);
        for (long dimension : shape) {
            input.addShape(dimension);
        }
        return input;
    }

    static InferRequestedOutputTensor.Builder output(String name) {
        return InferRequestedOutputTensor.newBuilder().setName(name);
    }

    /** Values of a red image as {@code tensor}. */
    static float[] redTensor() {
        float[] values = new float[3 * SIDE * SIDE];
        for (int i = 0; i < SIDE * SIDE; i++) {
            values[i] = 1;
        }
        return values;
    }

    static ByteString fp32(float... values) {
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return ByteString.copyFrom(raw);
    }

    static ByteString fp16(float... values) {
        ByteBuffer raw = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            raw.putShort(Float.floatToFloat16(value));
        }
        return ByteString.copyFrom(raw.flip());
    }

    static float[] floats(ByteString raw) {
        float[] values = new float[raw.size() / 4];
        raw.asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }

    /** BYTES elements, each after its length. */
    static ByteString elements(byte[]... elements) {
        ByteString all = ByteString.EMPTY;
        for (byte[] element : elements) {
            ByteBuffer length =
                    ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, element.length);
            all = all.concat(ByteString.copyFrom(length)).concat(ByteString.copyFrom(element));
        }
        return all;
    }

    /** The status and the code of an error. */
    static String outcome(StatusRuntimeException e) {
        String reason = TestClient.reason(e);
        return e.getStatus().getCode() + (reason.equals("none") ? "" : " " + reason);
    }

    /** The outcome of a request: OK, or the status and the code of its error. */
    static String outcome(Response response) {
        return response.statusCode() == 200 ? "OK" : response.statusCode() + " " + response.path("code");
    }

    /** All responses to requests of one stream. */
    List<ModelStreamInferResponse> stream(List<ModelInferRequest> requests) throws Exception {
        List<ModelStreamInferResponse> responses = new ArrayList<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        StreamObserver<ModelInferRequest> call = GRPCInferenceServiceGrpc.newStub(client.channel())
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .modelStreamInfer(new StreamObserver<>() {
                    @Override
                    public void onNext(ModelStreamInferResponse response) {
                        responses.add(response);
                    }

                    @Override
                    public void onError(Throwable e) {
                        done.completeExceptionally(e);
                    }

                    @Override
                    public void onCompleted() {
                        done.complete(null);
                    }
                });
        requests.forEach(call::onNext);
        call.onCompleted();
        done.get(30, TimeUnit.SECONDS);
        return responses;
    }
}
