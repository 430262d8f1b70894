package dev.loupe.inference.conformance;

import static dev.loupe.inference.SmallModels.SIDE;
import static dev.loupe.inference.conformance.ConformanceCase.NO_MODEL;
import static dev.loupe.inference.conformance.ConformanceCase.NO_VERSION;
import static dev.loupe.inference.conformance.ConformanceCase.ok;
import static dev.loupe.inference.conformance.ConformanceCase.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Empty;
import dev.loupe.oip.v2.DataType;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.ModelConfig;
import dev.loupe.oip.v2.ModelConfigRequest;
import dev.loupe.oip.v2.ModelInput.Format;
import dev.loupe.oip.v2.ModelMetadataRequest;
import dev.loupe.oip.v2.ModelMetadataResponse;
import dev.loupe.oip.v2.ModelMetadataResponse.TensorMetadata;
import dev.loupe.oip.v2.ModelReadyRequest;
import dev.loupe.oip.v2.ServerLiveRequest;
import dev.loupe.oip.v2.ServerMetadataRequest;
import dev.loupe.oip.v2.ServerMetadataResponse;
import dev.loupe.oip.v2.ServerReadyRequest;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.util.List;

/** The server, models and their versions over gRPC. */
final class ModelCases {
    private static final String SERVER = "Server";
    private static final String MODELS = "Models and versions";
    private static final String VERSIONS = "Version of a prediction";
    private static final String OTHERS = "Calls of Triton that are not offered";

    private ModelCases() {}

    static List<ConformanceCase> all() {
        return List.of(
                ok(
                        SERVER,
                        "`ServerLive`",
                        "`live`",
                        s -> assertTrue(s.open()
                                .serverLive(ServerLiveRequest.getDefaultInstance())
                                .getLive())),
                ok(
                        SERVER,
                        "`ServerReady`",
                        "`ready` when predictions are accepted",
                        s -> assertTrue(s.open()
                                .serverReady(ServerReadyRequest.getDefaultInstance())
                                .getReady())),
                ok(SERVER, "`ServerMetadata`", "name, version, and the extensions that exist", s -> {
                    ServerMetadataResponse server = s.open().serverMetadata(ServerMetadataRequest.getDefaultInstance());
                    assertEquals("loupe", server.getName());
                    assertFalse(server.getVersion().isEmpty());
                    assertEquals(
                            List.of(
                                    "classification",
                                    "binary_tensor_data",
                                    "model_configuration",
                                    "model_repository",
                                    "statistics"),
                            server.getExtensionsList());
                }),
                ok(MODELS, "`ModelReady` of a version in memory", "`ready`", s -> assertTrue(ready(s, "1"))),
                ok(
                        MODELS,
                        "`ModelReady` without a version",
                        "that of the default version",
                        s -> assertTrue(ready(s, ""))),
                ok(MODELS, "`ModelReady` of an alias", "that of its version", s -> assertTrue(ready(s, "candidate"))),
                ok(
                        MODELS,
                        "`ModelReady` of a version that cannot be loaded",
                        "not `ready`",
                        s -> assertFalse(ready(s, s.broken.name(), "1"))),
                refused(MODELS, "`ModelReady` of an unknown model", NO_MODEL, s -> ready(s, "no-such-model", "")),
                refused(MODELS, "`ModelReady` of an unknown version", NO_VERSION, s -> ready(s, "7")),
                ok(MODELS, "`ModelMetadata`", "all versions, inputs and outputs", s -> {
                    ModelMetadataResponse metadata = metadata(s, s.classifier.name(), "");
                    assertEquals(List.of("1", "2"), metadata.getVersionsList());
                    assertEquals(
                            List.of("image BYTES [-1]", "tensor FP32 [-1, 3, 8, 8]", "pixels UINT8 [-1, -1, -1, 3]"),
                            tensors(metadata.getInputsList()));
                    assertEquals(
                            List.of("label BYTES [-1]", "score FP32 [-1]", "probabilities FP32 [-1, 2]"),
                            tensors(metadata.getOutputsList()));
                }),
                ok(
                        MODELS,
                        "`ModelMetadata` of an anomaly detector",
                        "its outputs",
                        s -> assertEquals(
                                List.of(
                                        "anomaly_score FP32 [-1]",
                                        "anomalous BOOL [-1]",
                                        "anomaly_map FP32 [-1, 8, 8]"),
                                tensors(metadata(s, s.detector.name(), "1").getOutputsList()))),
                refused(MODELS, "`ModelMetadata` of an unknown model", NO_MODEL, s -> metadata(s, "no-such-model", "")),
                refused(
                        MODELS,
                        "`ModelMetadata` of an unknown version",
                        NO_VERSION,
                        s -> metadata(s, s.classifier.name(), "7")),
                ok(MODELS, "`ModelConfig`", "inputs and outputs without the number of images", s -> {
                    ModelConfig config = config(s, s.classifier.name(), "candidate");
                    assertEquals(32, config.getMaxBatchSize());
                    assertEquals(
                            List.of(2L), config.getVersionPolicy().getSpecific().getVersionsList());
                    assertEquals(
                            List.of(3L, (long) SIDE, (long) SIDE),
                            config.getInput(1).getDimsList());
                    assertEquals(Format.FORMAT_NCHW, config.getInput(1).getFormat());
                    assertEquals(DataType.TYPE_STRING, config.getOutput(0).getDataType());
                    assertFalse(config.getModelTransactionPolicy().getDecoupled());
                }),
                refused(MODELS, "`ModelConfig` of an unknown model", NO_MODEL, s -> config(s, "no-such-model", "")),
                ok(
                        VERSIONS,
                        "none",
                        "the default version, which the response names",
                        s -> assertEquals("1", s.infer(s.image()).getModelVersion())),
                ok(
                        VERSIONS,
                        "a number",
                        "this version, which the response names",
                        s -> assertEquals(
                                "2", s.infer(s.image(s.classifier, "2")).getModelVersion())),
                ok(
                        VERSIONS,
                        "an alias",
                        "not in the protocol",
                        s -> assertEquals(
                                "2", s.infer(s.image(s.classifier, "candidate")).getModelVersion())),
                refused(VERSIONS, "an unknown number", NO_VERSION, s -> s.infer(s.image(s.classifier, "7"))),
                refused(VERSIONS, "not a number", NO_VERSION, s -> s.infer(s.image(s.classifier, "none such"))),
                refused(
                        VERSIONS,
                        "a version that cannot be loaded",
                        "UNAVAILABLE MODEL_NOT_READY",
                        s -> s.infer(s.image(s.broken, "1"))),
                refused(
                        VERSIONS,
                        "an unknown model",
                        NO_MODEL,
                        s -> s.infer(s.image().setModelName("no-such-model"))),
                refused(VERSIONS, "no model", NO_MODEL, s -> s.infer(s.image().clearModelName())),
                absent("SystemSharedMemoryStatus"),
                absent("CudaSharedMemoryStatus"),
                absent("TraceSetting"),
                absent("LogSettings"));
    }

    private static boolean ready(ConformanceServer s, String version) {
        return ready(s, s.classifier.name(), version);
    }

    private static boolean ready(ConformanceServer s, String model, String version) {
        return s.open()
                .modelReady(ModelReadyRequest.newBuilder()
                        .setName(model)
                        .setVersion(version)
                        .build())
                .getReady();
    }

    private static ModelMetadataResponse metadata(ConformanceServer s, String model, String version) {
        return s.open()
                .modelMetadata(ModelMetadataRequest.newBuilder()
                        .setName(model)
                        .setVersion(version)
                        .build());
    }

    private static ModelConfig config(ConformanceServer s, String model, String version) {
        return s.open()
                .modelConfig(ModelConfigRequest.newBuilder()
                        .setName(model)
                        .setVersion(version)
                        .build())
                .getConfig();
    }

    private static List<String> tensors(List<TensorMetadata> tensors) {
        return tensors.stream()
                .map(tensor -> tensor.getName() + " " + tensor.getDatatype() + " " + tensor.getShapeList())
                .toList();
    }

    private static ConformanceCase absent(String call) {
        MethodDescriptor<Empty, Empty> method = MethodDescriptor.<Empty, Empty>newBuilder()
                .setType(MethodType.UNARY)
                .setFullMethodName(GRPCInferenceServiceGrpc.SERVICE_NAME + "/" + call)
                .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
                .setResponseMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
                .build();
        return refused(
                        OTHERS,
                        "`" + call + "`",
                        "UNIMPLEMENTED",
                        s -> ClientCalls.blockingUnaryCall(
                                s.client.channel(), method, CallOptions.DEFAULT, Empty.getDefaultInstance()))
                .expecting("an optional extension");
    }
}
