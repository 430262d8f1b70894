package dev.loupe.inference.serve;

import dev.loupe.inference.runtime.ModelLease;
import dev.loupe.inference.runtime.ModelRuntime;
import dev.loupe.inference.runtime.PredictionConfig;
import dev.loupe.inference.runtime.PredictionPool;
import dev.loupe.model.ModelManifest;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc.AsyncService;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.oip.v2.ModelMetadataRequest;
import dev.loupe.oip.v2.ModelMetadataResponse;
import dev.loupe.oip.v2.ModelReadyRequest;
import dev.loupe.oip.v2.ModelReadyResponse;
import dev.loupe.oip.v2.ServerLiveRequest;
import dev.loupe.oip.v2.ServerLiveResponse;
import dev.loupe.oip.v2.ServerMetadataRequest;
import dev.loupe.oip.v2.ServerMetadataResponse;
import dev.loupe.oip.v2.ServerReadyRequest;
import dev.loupe.oip.v2.ServerReadyResponse;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The Open Inference Protocol v2 over gRPC, for any client that implements it. */
@GrpcService
@Blocking
class OpenInferenceService implements BindableService, AsyncService {
    private final ModelRuntime runtime;
    private final PredictionPool pool;
    private final PredictionConfig config;
    private final CallResponder responder;
    private final ReceivedMessages messages;
    private final String version;

    OpenInferenceService(
            ModelRuntime runtime,
            PredictionPool pool,
            PredictionConfig config,
            CallResponder responder,
            ReceivedMessages messages,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.runtime = runtime;
        this.pool = pool;
        this.config = config;
        this.responder = responder;
        this.messages = messages;
        this.version = version;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return messages.of(GRPCInferenceServiceGrpc.bindService(this));
    }

    @Override
    public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> call) {
        responder.respond(
                call, () -> ServerLiveResponse.newBuilder().setLive(true).build());
    }

    @Override
    public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> call) {
        responder.respond(call, () -> ServerReadyResponse.newBuilder()
                .setReady(runtime.isStarted())
                .build());
    }

    @Override
    public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> call) {
        responder.respond(call, () -> ModelReadyResponse.newBuilder()
                .setReady(runtime.isReady(request.getName(), request.getVersion()))
                .build());
    }

    @Override
    public void serverMetadata(ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> call) {
        responder.respond(call, () -> ServerMetadataResponse.newBuilder()
                .setName("loupe")
                .setVersion(version)
                .addExtensions("classification")
                .build());
    }

    @Override
    public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> call) {
        responder.respond(call, () -> {
            try (ModelLease lease = runtime.lease(request.getName(), request.getVersion())) {
                return InferMetadata.of(request.getName(), runtime.versions(request.getName()), lease);
            }
        });
    }

    @Override
    public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> call) {
        responder.respond(call, () -> {
            try (ModelLease lease = runtime.lease(request.getModelName(), request.getModelVersion())) {
                ModelManifest manifest = lease.manifest();
                ModelInput input = InferInputs.parse(request, manifest.preprocessing(), config.maxBatch());
                Map<String, Integer> outputs = InferOutputs.requested(
                        request.getOutputsList(),
                        manifest.task(),
                        manifest.labels().size());
                Inference inference = pool.compute(() -> Inference.of(lease, input));
                ModelInferResponse.Builder response = ModelInferResponse.newBuilder()
                        .setModelName(request.getModelName())
                        .setModelVersion(String.valueOf(lease.version().number()))
                        .setId(request.getId());
                InferOutputs.write(outputs, inference.predictions(), request.getRawInputContentsCount() > 0, response);
                return response.build();
            }
        });
    }
}
