package dev.loupe.inference.serve;

import dev.loupe.inference.runtime.ArmSelector;
import dev.loupe.inference.runtime.ModelLease;
import dev.loupe.inference.runtime.ModelRuntime;
import dev.loupe.inference.runtime.PredictionConfig;
import dev.loupe.inference.runtime.PredictionPool;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ModelManifest;
import dev.loupe.oip.v2.InferParameter;
import dev.loupe.oip.v2.ModelConfig;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.oip.v2.ModelMetadataResponse;
import dev.loupe.oip.v2.ServerMetadataResponse;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The Open Inference Protocol v2 in terms of its messages, for gRPC and for HTTP. Thread-safe. */
@ApplicationScoped
class ModelInference {
    /** Parameters of a detector's response, and properties of its metadata. */
    static final String THRESHOLD_VERSION = "threshold_version";

    static final String THRESHOLD = "threshold";
    /** Parameter of a detector's response: warnings of how its images were taken, as JSON; absent without any. */
    static final String IMAGE_WARNINGS = "image_warnings";

    /** Parameter of a request: the product that its images show. */
    static final String PRODUCT = "product";
    /** Parameter of a response: the products that its images were compared with, as JSON; property of the metadata. */
    static final String PRODUCTS = "products";

    /** Parameter of a response, and property of the metadata: {@code fp32} or {@code int8}. */
    static final String PRECISION = "precision";
    /** Parameter of a response: the ids of its predictions in the order of the images, with commas in between. */
    static final String PREDICTION_ID = "prediction_id";

    private final ModelRuntime runtime;
    private final MeasuredPredictions predictions;
    private final PredictionConfig config;
    private final String version;

    ModelInference(
            ModelRuntime runtime,
            MeasuredPredictions predictions,
            PredictionConfig config,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.runtime = runtime;
        this.predictions = predictions;
        this.config = config;
        this.version = version;
    }

    ServerMetadataResponse serverMetadata() {
        return ServerMetadataResponse.newBuilder()
                .setName("loupe")
                .setVersion(version)
                .addExtensions("classification")
                .addExtensions("binary_tensor_data")
                .addExtensions("model_configuration")
                .addExtensions("model_repository")
                .addExtensions("statistics")
                .build();
    }

    /** @throws ServiceException as {@link ModelRuntime#lease} */
    ModelMetadataResponse modelMetadata(String model, String version) {
        try (ModelLease lease = runtime.lease(model, version)) {
            return InferMetadata.of(model, runtime.versions(model), lease);
        }
    }

    /** @throws ServiceException as {@link ModelRuntime#lease} */
    ModelConfig modelConfig(String model, String version) {
        try (ModelLease lease = runtime.lease(model, version)) {
            return InferConfig.of(
                    InferMetadata.of(model, runtime.versions(model), lease),
                    lease.version().number(),
                    config.maxBatch());
        }
    }

    /**
     * Predicts on a thread of the {@link PredictionPool}, and waits for it.
     *
     * @param raw whether the outputs are raw bytes
     * @throws ServiceException as {@link ModelRuntime#lease} and {@link PredictionPool#compute}; also for an invalid
     *     input, with the expected and the actual value
     */
    ModelInferResponse infer(ModelInferRequest request, boolean raw) {
        ArmSelector selector = ArmHeaders.selector(request.getParametersMap(), request.getId());
        try (ModelLease lease = runtime.lease(request.getModelName(), request.getModelVersion(), selector)) {
            ModelManifest manifest = lease.manifest();
            ModelInput input = InferInputs.parse(request, manifest.preprocessing(), config.maxBatch());
            Map<String, Integer> outputs = InferOutputs.requested(
                    request.getOutputsList(),
                    InferOutputs.names(lease),
                    manifest.labels().size());
            // Others may have a parameter of this name of their own.
            String product = lease.predictor().products().isEmpty()
                    ? null
                    : ArmHeaders.text(request.getParametersMap(), PRODUCT, null);
            return predictions.predict(lease, input, product, inference -> {
                ModelInferResponse.Builder response = ModelInferResponse.newBuilder()
                        .setModelName(request.getModelName())
                        .setModelVersion(String.valueOf(lease.version().number()))
                        .setId(request.getId())
                        .putParameters(PREDICTION_ID, predictionIds(inference))
                        .putParameters(
                                PRECISION,
                                InferParameter.newBuilder()
                                        .setStringParam(lease.precision().toString())
                                        .build());
                if (lease.arm() != null) {
                    response.putParameters(
                            ArmHeaders.ARM,
                            InferParameter.newBuilder()
                                    .setStringParam(lease.arm().text())
                                    .build());
                }
                if (lease.threshold() != null) {
                    response.putParameters(
                                    THRESHOLD_VERSION,
                                    InferParameter.newBuilder()
                                            .setInt64Param(lease.threshold().number())
                                            .build())
                            .putParameters(
                                    THRESHOLD,
                                    InferParameter.newBuilder()
                                            .setDoubleParam(lease.threshold().value())
                                            .build());
                }
                products(inference)
                        .ifPresent(products -> response.putParameters(
                                PRODUCTS,
                                InferParameter.newBuilder()
                                        .setStringParam(products)
                                        .build()));
                RangeCheck.json(inference.warnings())
                        .ifPresent(warnings -> response.putParameters(
                                IMAGE_WARNINGS,
                                InferParameter.newBuilder()
                                        .setStringParam(warnings)
                                        .build()));
                InferOutputs.write(outputs, inference, raw, response);
                return response.build();
            });
        }
    }

    /** The products of the predictions as JSON; empty if the version does not tell products apart. */
    private static Optional<String> products(Inference inference) {
        List<String> products = inference.predictions().stream()
                .map(prediction -> prediction instanceof AnomalyPrediction anomaly ? anomaly.product() : null)
                .filter(Objects::nonNull)
                .toList();
        return products.isEmpty() ? Optional.empty() : Optional.of(RangeCheck.text(products));
    }

    private static InferParameter predictionIds(Inference inference) {
        return InferParameter.newBuilder()
                .setStringParam(inference.ids().stream().map(UUID::toString).collect(Collectors.joining(",")))
                .build();
    }
}
