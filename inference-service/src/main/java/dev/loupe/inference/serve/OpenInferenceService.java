package dev.loupe.inference.serve;

import dev.loupe.inference.runtime.ModelRuntime;
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

/** The Open Inference Protocol v2 over gRPC, for any client that implements it. */
@GrpcService
@Blocking
class OpenInferenceService implements BindableService, AsyncService {
    private final ModelRuntime runtime;
    private final ModelInference inference;
    private final CallResponder responder;
    private final ReceivedMessages messages;

    OpenInferenceService(
            ModelRuntime runtime, ModelInference inference, CallResponder responder, ReceivedMessages messages) {
        this.runtime = runtime;
        this.inference = inference;
        this.responder = responder;
        this.messages = messages;
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
        responder.respond(call, inference::serverMetadata);
    }

    @Override
    public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> call) {
        responder.respond(call, () -> inference.modelMetadata(request.getName(), request.getVersion()));
    }

    @Override
    public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> call) {
        responder.respond(call, () -> inference.infer(request, request.getRawInputContentsCount() > 0));
    }
}
