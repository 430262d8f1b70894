package dev.loupe.inference.registry;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Quantization;
import dev.loupe.storage.ObjectStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Tells how a version does with 8-bit integers. */
@Path("/api/v1/models/{project}/versions/{number}/quantization")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Models")
class QuantizationResource {
    private static final String NOT_TRIED = "the training did not try it: train with quantize=auto";

    private final ModelLookup lookup;
    private final ObjectStore store;

    /**
     * A version with 8-bit integers, compared with the same version with 32-bit floats on its DEV images.
     *
     * @param accepted whether the package contains it
     * @param reason why it does not, absent if it does
     * @param metric metric that both were compared by, absent if they were not compared
     * @param fp32 the metric with 32-bit floats
     * @param int8 the metric with 8-bit integers
     * @param agreement share of the images for which both decide the same, 0 to 1
     * @param images number of DEV images that both were compared on
     * @param calibrationImages number of DEV images that the ranges of values were found on
     */
    @JsonInclude(Include.NON_NULL)
    @Schema(name = "VersionQuantization")
    record QuantizationView(
            boolean accepted,
            String reason,
            String metric,
            Double fp32,
            Double int8,
            Double agreement,
            int images,
            int calibrationImages) {}

    QuantizationResource(ModelLookup lookup, ObjectStore store) {
        this.lookup = lookup;
        this.store = store;
    }

    @GET
    @Operation(
            operationId = "quantization",
            summary = "How a version does with 8-bit integers, and whether its package contains this model")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = QuantizationView.class),
                            examples = @ExampleObject(name = "accepted", value = """
                                            {"accepted": true, "metric": "accuracy", "fp32": 0.953, "int8": 0.951,
                                             "agreement": 0.995, "images": 412, "calibrationImages": 200}""")))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    public QuantizationView quantization(@PathParam("project") String project, @PathParam("number") int number) {
        ModelVersion version = lookup.requireVersion(lookup.require(project), number);
        Quantization result = ModelPackage.parse(store.read(version.manifest(), version.manifestSha256()))
                .quantization();
        return result == null
                ? new QuantizationView(false, NOT_TRIED, null, null, null, null, 0, 0)
                : new QuantizationView(
                        result.accepted(),
                        result.reason(),
                        result.metric(),
                        result.fp32(),
                        result.int8(),
                        result.agreement(),
                        result.images(),
                        result.calibrationImages());
    }
}
