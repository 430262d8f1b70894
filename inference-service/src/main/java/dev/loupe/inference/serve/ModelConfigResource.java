package dev.loupe.inference.serve;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.oip.v2.ModelConfig;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Triton's extension "Model Configuration" over HTTP. */
@Path("/v2")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Open Inference Protocol")
class ModelConfigResource {
    private final ModelInference inference;

    /** A version in the form of Triton's configuration. */
    @JsonNaming(SnakeCaseStrategy.class)
    record VersionConfiguration(
            String name,
            String platform,
            String backend,
            VersionPolicy versionPolicy,
            int maxBatchSize,
            List<TensorConfig> input,
            List<TensorConfig> output,
            String defaultModelFilename,
            TransactionPolicy modelTransactionPolicy,
            Map<String, ConfigurationValue> parameters) {
        static VersionConfiguration of(ModelConfig message) {
            Map<String, ConfigurationValue> parameters = new TreeMap<>();
            message.getParametersMap()
                    .forEach((name, value) -> parameters.put(name, new ConfigurationValue(value.getStringValue())));
            return new VersionConfiguration(
                    message.getName(),
                    message.getPlatform(),
                    message.getBackend(),
                    new VersionPolicy(new Specific(
                            message.getVersionPolicy().getSpecific().getVersionsList())),
                    message.getMaxBatchSize(),
                    message.getInputList().stream()
                            .map(input -> new TensorConfig(
                                    input.getName(),
                                    input.getDataType().name(),
                                    input.getFormat().name(),
                                    input.getDimsList(),
                                    input.getOptional()))
                            .toList(),
                    message.getOutputList().stream()
                            .map(output -> new TensorConfig(
                                    output.getName(), output.getDataType().name(), null, output.getDimsList(), null))
                            .toList(),
                    message.getDefaultModelFilename(),
                    new TransactionPolicy(message.getModelTransactionPolicy().getDecoupled()),
                    parameters);
        }
    }

    /** The version that is described. */
    record VersionPolicy(Specific specific) {}

    /** Numbers of versions. */
    record Specific(List<Long> versions) {}

    /**
     * An input or output.
     *
     * @param dims dimensions without the number of images; -1 for a variable one
     * @param optional true for each input: a request contains one of them
     */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(Include.NON_NULL)
    record TensorConfig(String name, String dataType, String format, List<Long> dims, Boolean optional) {}

    /** Not decoupled: one response for each request. */
    record TransactionPolicy(boolean decoupled) {}

    /** A value. */
    @JsonNaming(SnakeCaseStrategy.class)
    record ConfigurationValue(String stringValue) {}

    ModelConfigResource(ModelInference inference) {
        this.inference = inference;
    }

    @GET
    @Path("/models/{model}/config")
    @Operation(summary = "The production version in the form of Triton's configuration")
    @APIResponse(responseCode = "200", description = "Configuration")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    public VersionConfiguration config(@PathParam("model") String model) {
        return versionConfig(model, "");
    }

    @GET
    @Path("/models/{model}/versions/{version:[^/]+}/config")
    @Operation(summary = "A version in the form of Triton's configuration")
    @APIResponse(responseCode = "200", description = "Configuration")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    public VersionConfiguration versionConfig(@PathParam("model") String model, @PathParam("version") String version) {
        return VersionConfiguration.of(inference.modelConfig(model, version));
    }
}
