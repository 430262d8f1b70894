package dev.loupe.inference.serve;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.loupe.contracts.Task;
import dev.loupe.inference.prediction.LoggedPrediction;
import dev.loupe.inference.prediction.Outcomes;
import dev.loupe.inference.runtime.ModelLease;
import dev.loupe.inference.runtime.ModelRuntime;
import dev.loupe.inference.runtime.PredictionConfig;
import dev.loupe.inference.serve.ModelInput.Images;
import dev.loupe.inference.v1.ClassProbability;
import dev.loupe.inference.v1.ClassifyRequest;
import dev.loupe.inference.v1.ClassifyResponse;
import dev.loupe.inference.v1.ClassifyStreamResponse;
import dev.loupe.inference.v1.DetectAnomalyRequest;
import dev.loupe.inference.v1.DetectAnomalyResponse;
import dev.loupe.inference.v1.DetectAnomalyStreamResponse;
import dev.loupe.inference.v1.ImageWarning;
import dev.loupe.inference.v1.InferenceServiceGrpc;
import dev.loupe.inference.v1.InferenceServiceGrpc.AsyncService;
import dev.loupe.inference.v1.ModelSelector;
import dev.loupe.inference.v1.PredictionError;
import dev.loupe.inference.v1.Provenance;
import dev.loupe.inference.v1.ReportOutcomeRequest;
import dev.loupe.inference.v1.ReportOutcomeResponse;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.RangeWarning;
import dev.loupe.service.access.GrpcAccess;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** The typed API: an image in, a prediction with labels or an anomaly score out. */
@GrpcService
@Blocking
class TypedInferenceService implements BindableService, AsyncService {
    /** Most outcomes that wait for the database at the same time; further ones are rejected and may be retried. */
    static final int MAX_REPORTS = 64;

    private final ModelRuntime runtime;
    private final MeasuredPredictions predictions;
    private final CallResponder responder;
    private final ReceivedMessages messages;
    private final PredictionConfig config;
    private final Outcomes outcomes;
    private final Semaphore reports = new Semaphore(MAX_REPORTS);

    TypedInferenceService(
            ModelRuntime runtime,
            MeasuredPredictions predictions,
            CallResponder responder,
            ReceivedMessages messages,
            PredictionConfig config,
            Outcomes outcomes) {
        this.runtime = runtime;
        this.predictions = predictions;
        this.responder = responder;
        this.messages = messages;
        this.config = config;
        this.outcomes = outcomes;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return messages.of(InferenceServiceGrpc.bindService(this));
    }

    @Override
    public void classify(ClassifyRequest request, StreamObserver<ClassifyResponse> call) {
        responder.respond(call, () -> classify(request));
    }

    @Override
    public StreamObserver<ClassifyRequest> classifyStream(StreamObserver<ClassifyStreamResponse> call) {
        return PredictionStream.open(
                call,
                config.streamInFlight(),
                (number, request) -> responder.answer(
                        number,
                        () -> ClassifyStreamResponse.newBuilder()
                                .setIndex(number)
                                .setPrediction(classify(request))
                                .build(),
                        refusal -> ClassifyStreamResponse.newBuilder()
                                .setIndex(number)
                                .setError(error(refusal))
                                .build()));
    }

    private ClassifyResponse classify(ClassifyRequest request) {
        return predict(request.getSelector(), request.getImage(), "", Task.CLASSIFICATION, (lease, inference) -> {
            ClassPrediction prediction =
                    (ClassPrediction) inference.predictions().getFirst();
            return ClassifyResponse.newBuilder()
                    .setLabel(prediction.label())
                    .setScore(prediction.score())
                    .addAllProbabilities(ranked(prediction))
                    .setProvenance(provenance(request.getSelector(), lease, inference))
                    .build();
        });
    }

    @Override
    public void detectAnomaly(DetectAnomalyRequest request, StreamObserver<DetectAnomalyResponse> call) {
        responder.respond(call, () -> detectAnomaly(request));
    }

    @Override
    public StreamObserver<DetectAnomalyRequest> detectAnomalyStream(StreamObserver<DetectAnomalyStreamResponse> call) {
        return PredictionStream.open(
                call,
                config.streamInFlight(),
                (number, request) -> responder.answer(
                        number,
                        () -> DetectAnomalyStreamResponse.newBuilder()
                                .setIndex(number)
                                .setPrediction(detectAnomaly(request))
                                .build(),
                        refusal -> DetectAnomalyStreamResponse.newBuilder()
                                .setIndex(number)
                                .setError(error(refusal))
                                .build()));
    }

    private DetectAnomalyResponse detectAnomaly(DetectAnomalyRequest request) {
        return predict(
                request.getSelector(),
                request.getImage(),
                request.getProduct(),
                Task.ANOMALY_DETECTION,
                (lease, inference) -> {
                    AnomalyPrediction prediction =
                            (AnomalyPrediction) inference.predictions().getFirst();
                    DetectAnomalyResponse.Builder response = DetectAnomalyResponse.newBuilder()
                            .setAnomalyScore(prediction.score())
                            .setAnomalous(prediction.anomalous())
                            .setThreshold((float) prediction.threshold())
                            .setThresholdVersion(lease.threshold().number())
                            .setProvenance(provenance(request.getSelector(), lease, inference));
                    if (inference.calibrated() != null) {
                        response.setCalibratedScore(inference.calibrated()[0]);
                    }
                    if (prediction.product() != null) {
                        response.setProduct(prediction.product());
                    }
                    inference.warnings().getFirst().forEach(warning -> response.addWarnings(warning(warning)));
                    if (request.getHeatmap()) {
                        response.setHeatmapPng(ByteString.copyFrom(
                                Inference.heatmap(request.getImage().toByteArray(), prediction, lease)));
                    }
                    return response.build();
                });
    }

    private static ImageWarning warning(RangeWarning warning) {
        return ImageWarning.newBuilder()
                .setMeasure(warning.measure().toString())
                .setValue(warning.value())
                .setMinimum(warning.minimum())
                .setMaximum(warning.maximum())
                .setMessage(warning.message())
                .build();
    }

    /** Waits for the database on a thread of its own: predictions need the threads of the server. */
    @Override
    public void reportOutcome(ReportOutcomeRequest request, StreamObserver<ReportOutcomeResponse> call) {
        if (!reports.tryAcquire()) {
            responder.respond(call, () -> {
                throw new ServiceException(
                        ErrorCode.OVERLOADED,
                        "%d outcomes wait for the database, expected fewer".formatted(MAX_REPORTS));
            });
            return;
        }
        Thread.ofVirtual().name("report-outcome").start(Context.current().wrap(() -> {
            try {
                responder.respond(call, () -> report(request));
            } finally {
                reports.release();
            }
        }));
    }

    private ReportOutcomeResponse report(ReportOutcomeRequest request) {
        LoggedPrediction prediction =
                outcomes.report(request.getModel(), request.getPredictionId(), request.getLabel(), GrpcAccess.actor());
        return ReportOutcomeResponse.newBuilder()
                .setPredictionId(prediction.id().toString())
                .setVersion(prediction.version())
                .setPredictedLabel(prediction.label())
                .setLabel(prediction.outcome())
                .setRevision(prediction.outcomeRevision())
                .build();
    }

    /** The error of one image of a stream. */
    private static PredictionError error(StatusRuntimeException refusal) {
        PredictionError.Builder error = PredictionError.newBuilder()
                .setStatus(refusal.getStatus().getCode().value())
                .setCode(CallResponder.reason(refusal))
                .setMessage(Objects.requireNonNullElse(refusal.getStatus().getDescription(), ""));
        CallResponder.retryDelay(refusal).ifPresent(error::setRetryDelay);
        return error.build();
    }

    /** Predicts and creates the answer, both on a prediction thread and with one version. */
    private <T> T predict(
            ModelSelector selector,
            ByteString image,
            String product,
            Task task,
            BiFunction<ModelLease, Inference, T> answer) {
        if (selector.getModel().isEmpty()) {
            throw TensorBytes.refused("selector.model: expected the name of a project, got none");
        }
        if (image.isEmpty()) {
            throw TensorBytes.refused("image: expected an encoded image, got no bytes");
        }
        try (ModelLease lease = runtime.lease(selector.getModel(), selector.getVersion(), ArmHeaders.selector())) {
            Task actual = lease.manifest().task();
            if (actual != task) {
                throw new ServiceException(
                        ErrorCode.MODEL_TASK_MISMATCH,
                        "model '%s' is for %s, this call is for %s".formatted(selector.getModel(), actual, task));
            }
            return predictions.predict(
                    lease, new Images(List.of(image)), product, inference -> answer.apply(lease, inference));
        }
    }

    private static List<ClassProbability> ranked(ClassPrediction prediction) {
        return IntStream.range(0, prediction.labels().size())
                .mapToObj(i -> ClassProbability.newBuilder()
                        .setLabel(prediction.labels().get(i))
                        .setProbability(prediction.probabilities()[i])
                        .build())
                .sorted(Comparator.comparing(ClassProbability::getProbability).reversed())
                .toList();
    }

    private static Provenance provenance(ModelSelector selector, ModelLease lease, Inference inference) {
        return Provenance.newBuilder()
                .setArm(lease.arm() == null ? "" : lease.arm().text())
                .setModel(selector.getModel())
                .setVersion(lease.version().number())
                .setPrecision(lease.precision().toString())
                .setPredictionId(inference.ids().getFirst().toString())
                .setPreprocessing(duration(inference.preprocessingNanos()))
                .setInference(duration(inference.inferenceNanos()))
                .build();
    }

    private static Duration duration(long nanos) {
        return Duration.newBuilder()
                .setSeconds(nanos / 1_000_000_000)
                .setNanos((int) (nanos % 1_000_000_000))
                .build();
    }
}
