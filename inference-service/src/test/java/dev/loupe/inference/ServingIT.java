package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.SIDE;
import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.image;
import static dev.loupe.inference.TestClient.reason;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.inference.v1.ClassifyRequest;
import dev.loupe.inference.v1.ClassifyResponse;
import dev.loupe.inference.v1.DetectAnomalyRequest;
import dev.loupe.inference.v1.DetectAnomalyResponse;
import dev.loupe.inference.v1.ModelSelector;
import dev.loupe.oip.v2.InferParameter;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.oip.v2.ModelInferResponse.InferOutputTensor;
import dev.loupe.oip.v2.ModelMetadataRequest;
import dev.loupe.oip.v2.ModelMetadataResponse;
import dev.loupe.oip.v2.ModelReadyRequest;
import dev.loupe.oip.v2.ServerLiveRequest;
import dev.loupe.oip.v2.ServerMetadataRequest;
import dev.loupe.oip.v2.ServerReadyRequest;
import dev.loupe.testing.DevstackTestResource;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class ServingIT {
    /** softmax(2, 0), by hand: what the classifier of gain 2 says of pure red. */
    private static final double RED = Math.exp(2) / (Math.exp(2) + 1);

    @Inject
    TestClient client;

    @TempDir
    Path folder;

    private Project classifier() {
        Project project = Project.of(Task.CLASSIFICATION);
        client.publish(project, 1, "READY", SmallModels.classifier(folder, 2, List.of("red", "blue")), 0.9);
        return project;
    }

    private Project anomalyDetector() {
        Project project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(project, 1, "READY", SmallModels.anomalyDetector(folder), 0.9);
        return project;
    }

    @Test
    void aProducedPackageBecomesReadyAndServes() {
        Project project = classifier();

        ModelInferResponse answer =
                client.open().modelInfer(image(project, "1", png(Color.RED)).build());

        assertEquals("id-1", answer.getId());
        assertEquals(project.name(), answer.getModelName());
        assertEquals("1", answer.getModelVersion());
        assertEquals(
                List.of("label", "score", "probabilities"),
                answer.getOutputsList().stream().map(output -> output.getName()).toList());
        assertEquals(
                "red", answer.getOutputs(0).getContents().getBytesContents(0).toStringUtf8());
        assertEquals(RED, answer.getOutputs(1).getContents().getFp32Contents(0), 1e-6);
        assertEquals(List.of(1L, 2L), answer.getOutputs(2).getShapeList());
        assertEquals(0, answer.getRawOutputContentsCount());
    }

    @Test
    void aTensorAndItsImageGiveTheSamePrediction() {
        Project project = classifier();
        float[] redThenBlue = new float[2 * 3 * SIDE * SIDE];
        for (int i = 0; i < SIDE * SIDE; i++) {
            redThenBlue[i] = 1;
            redThenBlue[(3 + 2) * SIDE * SIDE + i] = 1;
        }
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder()
                .setModelName(project.name())
                .setModelVersion("1")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("tensor")
                        .setDatatype("FP32")
                        .addAllShape(List.of(2L, 3L, (long) SIDE, (long) SIDE)))
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("probabilities"))
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("label"))
                .addRawInputContents(raw(redThenBlue));
        ModelInferResponse tensor = client.open().modelInfer(request.build());
        ModelInferResponse images = client.open()
                .modelInfer(request.setInputs(
                                0,
                                InferInputTensor.newBuilder()
                                        .setName("image")
                                        .setDatatype("BYTES")
                                        .addShape(2))
                        .setRawInputContents(0, elements(png(Color.RED), png(Color.BLUE)))
                        .build());

        assertEquals(tensor.getRawOutputContentsList(), images.getRawOutputContentsList());
        ByteBuffer probabilities =
                tensor.getRawOutputContents(0).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(List.of(2L, 2L), tensor.getOutputs(0).getShapeList());
        assertEquals(RED, probabilities.getFloat(), 1e-6);
        assertEquals(1 - RED, probabilities.getFloat(), 1e-6);
        assertEquals(1 - RED, probabilities.getFloat(), 1e-6);
        assertEquals(elements("red".getBytes(), "blue".getBytes()), tensor.getRawOutputContents(1));
        assertFalse(tensor.getOutputs(1).hasContents());
    }

    @Test
    void returnsClassesInTritonsFormOnRequest() {
        Project project = classifier();
        ModelInferResponse answer = client.open()
                .modelInfer(image(project, "1", png(Color.BLUE))
                        .addOutputs(InferRequestedOutputTensor.newBuilder()
                                .setName("probabilities")
                                .putParameters(
                                        "classification",
                                        InferParameter.newBuilder()
                                                .setInt64Param(1)
                                                .build()))
                        .build());
        String[] best = answer.getOutputs(0)
                .getContents()
                .getBytesContents(0)
                .toStringUtf8()
                .split(":");
        assertEquals("BYTES", answer.getOutputs(0).getDatatype());
        assertEquals(RED, Double.parseDouble(best[0]), 1e-6);
        assertEquals(List.of("1", "blue"), List.of(best[1], best[2]));
    }

    @Test
    void returnsScoreDecisionAndOnRequestTheAnomalyMap() {
        Project project = anomalyDetector();
        ModelInferResponse bright =
                client.open().modelInfer(image(project, "1", png(Color.WHITE)).build());
        assertEquals(1, bright.getOutputs(0).getContents().getFp32Contents(0), 1e-6);
        assertTrue(bright.getOutputs(1).getContents().getBoolContents(0));
        assertEquals(
                List.of("anomaly_score", "anomalous"),
                bright.getOutputsList().stream().map(InferOutputTensor::getName).toList());
        ModelInferResponse map = client.open()
                .modelInfer(image(project, "1", png(Color.WHITE))
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("anomaly_map"))
                        .build());
        assertEquals(List.of(1L, (long) SIDE, (long) SIDE), map.getOutputs(0).getShapeList());
        assertEquals(SIDE * SIDE, map.getOutputs(0).getContents().getFp32ContentsCount());

        ModelInferResponse red =
                client.open().modelInfer(image(project, "1", png(Color.RED)).build());
        assertEquals(1 / 3.0, red.getOutputs(0).getContents().getFp32Contents(0), 1e-6);
        assertFalse(red.getOutputs(1).getContents().getBoolContents(0));
    }

    @Test
    void refusesAnImageWithANonFinitePredictionAlsoInABatch() {
        Project classes = Project.of(Task.CLASSIFICATION);
        client.publish(
                classes,
                1,
                "READY",
                SmallModels.classifierWithoutGreen(folder.resolve("c"), List.of("red", "blue")),
                0.9);
        Project anomalies = Project.of(Task.ANOMALY_DETECTION);
        client.publish(anomalies, 1, "READY", SmallModels.anomalyDetectorWithoutGreen(folder.resolve("a")), 0.9);
        for (Project project : List.of(classes, anomalies)) {
            ModelInferRequest.Builder batch = ModelInferRequest.newBuilder()
                    .setModelName(project.name())
                    .setModelVersion("1")
                    .addInputs(InferInputTensor.newBuilder()
                            .setName("image")
                            .setDatatype("BYTES")
                            .addShape(3))
                    .addRawInputContents(elements(png(Color.RED), png(Color.GREEN), png(Color.BLUE)));
            StatusRuntimeException e = assertThrows(
                    StatusRuntimeException.class, () -> client.open().modelInfer(batch.build()));
            assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode(), e.toString());
            assertEquals("PREDICTION_NOT_FINITE", reason(e));
            assertTrue(e.getMessage().contains("version 1: image 1: the model outputs NaN"), e.getMessage());
            assertEquals(
                    "1",
                    client.open()
                            .modelInfer(image(project, "1", png(Color.RED)).build())
                            .getModelVersion());
        }
        StatusRuntimeException typed = assertThrows(StatusRuntimeException.class, () -> client.typed()
                .classify(ClassifyRequest.newBuilder()
                        .setSelector(selector(classes))
                        .setImage(ByteString.copyFrom(png(Color.GREEN)))
                        .build()));
        assertEquals("PREDICTION_NOT_FINITE", reason(typed));
    }

    @Test
    void typedCallsReturnLabelAndAnomalyScore() throws IOException {
        Project colours = classifier();
        ClassifyResponse blue = client.typed()
                .classify(ClassifyRequest.newBuilder()
                        .setSelector(selector(colours))
                        .setImage(ByteString.copyFrom(png(Color.BLUE)))
                        .build());
        assertEquals("blue", blue.getLabel());
        assertEquals(RED, blue.getScore(), 1e-6);
        assertEquals("blue", blue.getProbabilities(0).getLabel());
        assertEquals(1, blue.getProvenance().getVersion());
        assertTrue(blue.getProvenance().getInference().getNanos() > 0);

        StatusRuntimeException wrong = assertThrows(StatusRuntimeException.class, () -> client.typed()
                .detectAnomaly(DetectAnomalyRequest.newBuilder()
                        .setSelector(selector(colours))
                        .setImage(ByteString.copyFrom(png(Color.BLUE)))
                        .build()));
        assertEquals(Status.Code.FAILED_PRECONDITION, wrong.getStatus().getCode());
        assertEquals("MODEL_TASK_MISMATCH", reason(wrong));
    }

    @Test
    void typedCallReturnsAHeatmapOverTheImage() throws IOException {
        Project project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(project, 1, "READY", SmallModels.anomalyDetector(folder), 0.9);
        DetectAnomalyRequest request = DetectAnomalyRequest.newBuilder()
                .setSelector(selector(project))
                .setImage(ByteString.copyFrom(png(Color.WHITE)))
                .setHeatmap(true)
                .build();
        DetectAnomalyResponse bright = client.typed().detectAnomaly(request);
        BufferedImage heatmap =
                ImageIO.read(new ByteArrayInputStream(bright.getHeatmapPng().toByteArray()));
        assertTrue(bright.getAnomalous());
        assertEquals(SmallModels.THRESHOLD, bright.getThreshold());
        assertTrue(heatmap.getWidth() >= 20 && heatmap.getHeight() > 10, "the image with the legend below it");
        assertTrue(client.typed()
                .detectAnomaly(request.toBuilder().setHeatmap(false).build())
                .getHeatmapPng()
                .isEmpty());
    }

    @Test
    void anEmptyVersionMeansProductionAndAnAliasIsAccepted() {
        Project project = classifier();
        StatusRuntimeException none = assertThrows(StatusRuntimeException.class, () -> client.open()
                .modelInfer(image(project, "", png(Color.RED)).build()));
        assertEquals(Status.Code.NOT_FOUND, none.getStatus().getCode());
        assertTrue(none.getMessage().contains("production"), none.getMessage());

        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        client.promote(project, "best-of-all", Map.of("version", 1)).then().statusCode(200);
        for (String version : List.of("", "production", "best-of-all", "1")) {
            assertEquals(
                    "1",
                    client.open()
                            .modelInfer(image(project, version, png(Color.RED)).build())
                            .getModelVersion());
        }
    }

    @Test
    void metadataDescribesTheInputsOfTheModel() {
        Project project = classifier();
        assertTrue(
                client.open().serverLive(ServerLiveRequest.getDefaultInstance()).getLive());
        assertTrue(client.open()
                .serverReady(ServerReadyRequest.getDefaultInstance())
                .getReady());
        assertEquals(
                "loupe",
                client.open()
                        .serverMetadata(ServerMetadataRequest.getDefaultInstance())
                        .getName());
        assertTrue(client.open()
                .modelReady(ModelReadyRequest.newBuilder()
                        .setName(project.name())
                        .setVersion("1")
                        .build())
                .getReady());
        ModelMetadataResponse metadata = client.open()
                .modelMetadata(ModelMetadataRequest.newBuilder()
                        .setName(project.name())
                        .setVersion("1")
                        .build());
        assertEquals(List.of("1"), metadata.getVersionsList());
        assertEquals(List.of(-1L), metadata.getInputs(0).getShapeList());
        assertEquals(
                List.of(-1L, 3L, (long) SIDE, (long) SIDE),
                metadata.getInputs(1).getShapeList());
        assertEquals("red\nblue", metadata.getPropertiesOrThrow("labels"));
        assertEquals("255.0", metadata.getPropertiesOrThrow("input.scale"));
    }

    @Test
    void servesHealthAndReflection() throws Exception {
        for (String service : List.of("", "inference.GRPCInferenceService", "loupe.inference.v1.InferenceService")) {
            assertEquals(
                    ServingStatus.SERVING,
                    HealthGrpc.newBlockingStub(client.channel())
                            .check(HealthCheckRequest.newBuilder()
                                    .setService(service)
                                    .build())
                            .getStatus());
        }
        CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> asking = ServerReflectionGrpc.newStub(client.channel())
                .serverReflectionInfo(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse response) {
                        answer.complete(response);
                    }

                    @Override
                    public void onError(Throwable e) {
                        answer.completeExceptionally(e);
                    }

                    @Override
                    public void onCompleted() {}
                });
        asking.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        List<String> services = answer.get(30, TimeUnit.SECONDS).getListServicesResponse().getServiceList().stream()
                .map(ServiceResponse::getName)
                .toList();
        asking.onCompleted();
        assertTrue(services.contains("inference.GRPCInferenceService"), services.toString());
        assertTrue(services.contains("loupe.inference.v1.InferenceService"), services.toString());
    }

    private static ModelSelector selector(Project project) {
        return ModelSelector.newBuilder()
                .setModel(project.name())
                .setVersion("1")
                .build();
    }

    private static ByteString raw(float[] values) {
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        IntStream.range(0, values.length).forEach(i -> raw.putFloat(values[i]));
        return ByteString.copyFrom(raw.flip());
    }

    static ByteString elements(byte[]... elements) {
        ByteString all = ByteString.EMPTY;
        for (byte[] element : elements) {
            ByteBuffer length =
                    ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(element.length);
            all = all.concat(ByteString.copyFrom(length.flip())).concat(ByteString.copyFrom(element));
        }
        return all;
    }
}
