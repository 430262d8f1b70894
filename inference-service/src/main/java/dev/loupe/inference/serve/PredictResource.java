package dev.loupe.inference.serve;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.google.protobuf.UnsafeByteOperations;
import dev.loupe.contracts.Task;
import dev.loupe.inference.runtime.ModelLease;
import dev.loupe.inference.runtime.ModelRuntime;
import dev.loupe.inference.serve.ModelInput.Images;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.RangeWarning;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The typed API over HTTP: an image in, a prediction out. For cameras, controllers, browsers and curl. */
@Path("/api/v1/models")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Predictions")
class PredictResource {
    private final ModelRuntime runtime;
    private final MeasuredPredictions predictions;

    /**
     * A prediction. Exactly one of {@code classification} and {@code anomaly} is present.
     *
     * @param version number of the version that predicted
     * @param predictionId names this prediction when its outcome is reported
     * @param arm {@code holder} or {@code candidate}; absent if the alias has no candidate
     * @param precision what it computed with: {@code fp32} or {@code int8}
     */
    @JsonInclude(Include.NON_NULL)
    record ImagePrediction(
            String model,
            int version,
            UUID predictionId,
            String arm,
            Task task,
            String precision,
            Classification classification,
            Anomaly anomaly,
            Times times) {}

    /** The classes of an image, the most probable first. */
    record Classification(String label, double score, List<Probability> probabilities) {}

    /** The probability of one class, 0 to 1. */
    record Probability(String label, double probability) {}

    /**
     * Whether an image is anomalous.
     *
     * @param score 0 or more; anomalous from the threshold on
     * @param thresholdVersion number of the threshold version that decided
     * @param calibratedScore 0 to 1 with 0.5 at the threshold; absent if the package has no DEV scores
     * @param product product whose memory the image was compared with; absent if the version does not tell products apart
     * @param warnings warnings of how the image was taken; absent without any
     * @param heatmapPng the map over the image as PNG in base64, if the request asks for it
     */
    @JsonInclude(Include.NON_NULL)
    record Anomaly(
            double score,
            boolean anomalous,
            double threshold,
            int thresholdVersion,
            Float calibratedScore,
            String product,
            @JsonInclude(Include.NON_EMPTY) List<ImageWarning> warnings,
            byte[] heatmapPng) {}

    /**
     * A measure of an image that is outside the range of the normal images that the version learned from.
     *
     * @param measure {@code brightness}, {@code sharpness}, {@code aspectRatio} or {@code size}
     * @param message the warning in words
     */
    record ImageWarning(String measure, double value, double minimum, double maximum, String message) {
        static ImageWarning of(RangeWarning warning) {
            return new ImageWarning(
                    warning.measure().toString(),
                    warning.value(),
                    warning.minimum(),
                    warning.maximum(),
                    warning.message());
        }
    }

    /** Times in milliseconds. */
    record Times(double preprocessingMillis, double inferenceMillis) {}

    PredictResource(ModelRuntime runtime, MeasuredPredictions predictions) {
        this.runtime = runtime;
        this.predictions = predictions;
    }

    @POST
    @Path("/{project}/predict")
    @Consumes(MediaType.WILDCARD)
    @Operation(summary = "Predict one image", description = """
            The body is the encoded image: JPEG, PNG, WebP, BMP or TIFF, detected from its content.""")
    @Parameter(
            name = ArmHeaders.REQUEST_KEY,
            in = ParameterIn.HEADER,
            description = "requests with the same key get the same arm of an alias with a candidate",
            schema = @Schema(implementation = String.class))
    @Parameter(
            name = ArmHeaders.VERSION,
            in = ParameterIn.HEADER,
            description = "`candidate` or `holder`: the arm that answers",
            schema = @Schema(implementation = String.class))
    @APIResponse(
            responseCode = "200",
            description = "The prediction",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = ImagePrediction.class),
                            examples = @ExampleObject(name = "anomaly", value = """
                                            {"model": "parts", "version": 2,
                                             "predictionId": "019acf3e-5f1c-7c7e-9d0a-3b0f2d6f1a44",
                                             "task": "ANOMALY_DETECTION", "precision": "fp32",
                                             "anomaly": {"score": 4.1, "anomalous": true, "threshold": 3.2,
                                                         "thresholdVersion": 1, "calibratedScore": 0.68},
                                             "times": {"preprocessingMillis": 2.1, "inferenceMillis": 18.4}}""")))
    @APIResponse(
            responseCode = "400",
            description = "INVALID_REQUEST: not an image, or a product that the version does not know")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, CANARY_NOT_FOUND")
    @APIResponse(responseCode = "415", description = "IMAGE_UNSUPPORTED: not an image of a supported format")
    @APIResponse(responseCode = "429", description = "QUEUE_FULL")
    public ImagePrediction predict(
            @PathParam("project") String project,
            @QueryParam("version")
                    @DefaultValue("")
                    @Parameter(description = "number or alias; without one `production`")
                    String version,
            @QueryParam("heatmap")
                    @DefaultValue("false")
                    @Parameter(description = "also draw the heatmap of an anomaly detector")
                    boolean heatmap,
            @QueryParam("product")
                    @Parameter(
                            description =
                                    "product that the image shows, for a version with a memory for each product; without one"
                                            + " the nearest memory is used")
                    String product,
            @Context RoutingContext http,
            InputStream body) {
        HttpCall call = HttpCall.of(http);
        byte[] image = call.receive(body);
        if (image.length == 0) {
            throw TensorBytes.refused("body: expected an encoded image, got no bytes");
        }
        ImagePrediction prediction = call.run(() -> predict(project, version, image, heatmap, product));
        if (prediction.anomaly() != null
                && prediction.anomaly().heatmapPng() != null
                && !call.reserve(2L * prediction.anomaly().heatmapPng().length)) {
            throw new ServiceException(ErrorCode.OVERLOADED, "not enough memory for the response: other calls use it");
        }
        return prediction;
    }

    private ImagePrediction predict(String project, String version, byte[] image, boolean heatmap, String product) {
        try (ModelLease lease = runtime.lease(project, version, ArmHeaders.selector())) {
            Images one = new Images(List.of(UnsafeByteOperations.unsafeWrap(image)));
            return predictions.predict(lease, one, product, inference -> {
                Times times = new Times(inference.preprocessingNanos() / 1e6, inference.inferenceNanos() / 1e6);
                int number = lease.version().number();
                UUID id = inference.ids().getFirst();
                String arm = lease.arm() == null ? null : lease.arm().text();
                Task task = lease.manifest().task();
                String precision = lease.precision().toString();
                return switch (inference.predictions().getFirst()) {
                    case ClassPrediction classes ->
                        new ImagePrediction(
                                project, number, id, arm, task, precision, classification(classes), null, times);
                    case AnomalyPrediction anomaly ->
                        new ImagePrediction(
                                project,
                                number,
                                id,
                                arm,
                                task,
                                precision,
                                null,
                                anomaly(image, anomaly, lease, inference, heatmap),
                                times);
                };
            });
        }
    }

    private static Classification classification(ClassPrediction prediction) {
        List<Probability> ranked = IntStream.range(0, prediction.labels().size())
                .mapToObj(i ->
                        new Probability(prediction.labels().get(i), prediction.probabilities()[i]))
                .sorted(Comparator.comparing(Probability::probability).reversed())
                .toList();
        return new Classification(prediction.label(), prediction.score(), ranked);
    }

    private static Anomaly anomaly(
            byte[] image, AnomalyPrediction prediction, ModelLease lease, Inference inference, boolean heatmap) {
        return new Anomaly(
                prediction.score(),
                prediction.anomalous(),
                prediction.threshold(),
                lease.threshold().number(),
                inference.calibrated() == null ? null : inference.calibrated()[0],
                prediction.product(),
                inference.warnings().getFirst().stream().map(ImageWarning::of).toList(),
                heatmap ? Inference.heatmap(image, prediction, lease) : null);
    }
}
