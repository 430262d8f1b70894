package dev.loupe.inference.serve;

import dev.loupe.inference.runtime.ModelRuntime;
import dev.loupe.inference.runtime.PredictionConfig;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc.AsyncService;
import dev.loupe.oip.v2.InferParameter;
import dev.loupe.oip.v2.ModelConfigRequest;
import dev.loupe.oip.v2.ModelConfigResponse;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.oip.v2.ModelMetadataRequest;
import dev.loupe.oip.v2.ModelMetadataResponse;
import dev.loupe.oip.v2.ModelReadyRequest;
import dev.loupe.oip.v2.ModelReadyResponse;
import dev.loupe.oip.v2.ModelStatisticsRequest;
import dev.loupe.oip.v2.ModelStatisticsResponse;
import dev.loupe.oip.v2.ModelStreamInferResponse;
import dev.loupe.oip.v2.RepositoryIndexRequest;
import dev.loupe.oip.v2.RepositoryIndexResponse;
import dev.loupe.oip.v2.RepositoryModelLoadRequest;
import dev.loupe.oip.v2.RepositoryModelLoadResponse;
import dev.loupe.oip.v2.RepositoryModelUnloadRequest;
import dev.loupe.oip.v2.RepositoryModelUnloadResponse;
import dev.loupe.oip.v2.ServerLiveRequest;
import dev.loupe.oip.v2.ServerLiveResponse;
import dev.loupe.oip.v2.ServerMetadataRequest;
import dev.loupe.oip.v2.ServerMetadataResponse;
import dev.loupe.oip.v2.ServerReadyRequest;
import dev.loupe.oip.v2.ServerReadyResponse;
import dev.loupe.service.access.GrpcAccess;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;

/** The Open Inference Protocol v2 over gRPC, for any client that implements it. */
@GrpcService
@Blocking
class OpenInferenceService implements BindableService, AsyncService {
    /** Triton's parameter of a streamed request: its last response is to be marked. */
    private static final String MARK_FINAL_RESPONSE = "triton_enable_empty_final_response";
    /** The mark. Here each request has one response, which is the last. */
    private static final String FINAL_RESPONSE = "triton_final_response";

    private final ModelRuntime runtime;
    private final ModelInference inference;
    private final RepositoryExtension repository;
    private final CallResponder responder;
    private final ReceivedMessages messages;
    private final PredictionConfig config;

    OpenInferenceService(
            ModelRuntime runtime,
            ModelInference inference,
            RepositoryExtension repository,
            CallResponder responder,
            ReceivedMessages messages,
            PredictionConfig config) {
        this.runtime = runtime;
        this.inference = inference;
        this.repository = repository;
        this.responder = responder;
        this.messages = messages;
        this.config = config;
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

    @Override
    public StreamObserver<ModelInferRequest> modelStreamInfer(StreamObserver<ModelStreamInferResponse> call) {
        return PredictionStream.open(
                call,
                config.streamInFlight(),
                (number, request) ->
                        responder.answer(number, () -> answered(request), refusal -> refused(request, refusal)));
    }

    private ModelStreamInferResponse answered(ModelInferRequest request) {
        ModelInferResponse.Builder response =
                inference.infer(request, request.getRawInputContentsCount() > 0).toBuilder();
        InferParameter marked = request.getParametersMap().get(MARK_FINAL_RESPONSE);
        if (marked != null && marked.getBoolParam()) {
            response.putParameters(
                    FINAL_RESPONSE,
                    InferParameter.newBuilder().setBoolParam(true).build());
        }
        return ModelStreamInferResponse.newBuilder().setInferResponse(response).build();
    }

    private static ModelStreamInferResponse refused(ModelInferRequest request, StatusRuntimeException refusal) {
        return ModelStreamInferResponse.newBuilder()
                .setErrorMessage(CallResponder.reason(refusal) + ": "
                        + refusal.getStatus().getDescription())
                .setInferResponse(ModelInferResponse.newBuilder()
                        .setModelName(request.getModelName())
                        .setModelVersion(request.getModelVersion())
                        .setId(request.getId()))
                .build();
    }

    @Override
    public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> call) {
        responder.respond(call, () -> ModelConfigResponse.newBuilder()
                .setConfig(inference.modelConfig(request.getName(), request.getVersion()))
                .build());
    }

    @Override
    public void modelStatistics(ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> call) {
        responder.respond(
                call, () -> repository.statistics(GrpcAccess.tenant(), request.getName(), request.getVersion()));
    }

    @Override
    public void repositoryIndex(RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> call) {
        responder.respond(
                call, () -> repository.index(GrpcAccess.tenant(), request.getRepositoryName(), request.getReady()));
    }

    @Override
    public void repositoryModelLoad(
            RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> call) {
        responder.respond(call, () -> {
            repository.load(
                    request.getRepositoryName(),
                    request.getModelName(),
                    request.getParametersMap(),
                    GrpcAccess.actor());
            return RepositoryModelLoadResponse.getDefaultInstance();
        });
    }

    @Override
    public void repositoryModelUnload(
            RepositoryModelUnloadRequest request, StreamObserver<RepositoryModelUnloadResponse> call) {
        responder.respond(call, () -> {
            repository.unload(request.getRepositoryName(), request.getModelName(), request.getParametersMap());
            return RepositoryModelUnloadResponse.getDefaultInstance();
        });
    }
}
