package dev.loupe.inference.serve;

import static dev.loupe.inference.serve.TensorBytes.refused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.oip.v2.ModelRepositoryParameter;
import dev.loupe.oip.v2.RepositoryIndexResponse.ModelIndex;
import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.QuotedInput;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Triton's extension "Model Repository" over HTTP. Its clients send JSON without a content type, or no body. */
@Path("/v2")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
@RunOnVirtualThread
@Tag(name = "Open Inference Protocol")
class RepositoryResource {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RepositoryExtension repository;
    private final CurrentCaller caller;

    /**
     * The schema of a request for the index.
     *
     * @param ready whether to return only versions that are in memory
     */
    record IndexRequest(boolean ready) {}

    /**
     * The schema of a request to load or unload.
     *
     * @param parameters {@code version}: a number or an alias; {@code pinned}, to load: whether it stays in memory
     */
    record MemoryRequest(Map<String, Object> parameters) {}

    /**
     * A version in this replica.
     *
     * @param state READY, LOADING or UNAVAILABLE
     * @param reason of UNAVAILABLE: {@code unloaded}, or why it cannot be loaded
     */
    record IndexEntry(String name, String version, String state, String reason) {
        static IndexEntry of(ModelIndex entry) {
            return new IndexEntry(entry.getName(), entry.getVersion(), entry.getState(), entry.getReason());
        }
    }

    RepositoryResource(RepositoryExtension repository, CurrentCaller caller) {
        this.caller = caller;
        this.repository = repository;
    }

    @POST
    @Path("/repository/index")
    @Operation(summary = "All versions of all models, and whether this replica holds them in memory")
    @RequestBody(
            required = false,
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = IndexRequest.class)))
    @APIResponse(responseCode = "200", description = "Versions by model and number")
    public List<IndexEntry> index(InputStream body) throws IOException {
        JsonNode ready = object(body).path("ready");
        if (!ready.isMissingNode() && !ready.isBoolean()) {
            throw refused("ready: expected true or false, got " + QuotedInput.of(ready.toString()));
        }
        return repository.index(caller.get().tenant(), "", ready.asBoolean()).getModelsList().stream()
                .map(IndexEntry::of)
                .toList();
    }

    @POST
    @Path("/repository/models/{model}/load")
    @Operation(
            summary = "Load a version into the memory of this replica, and wait until it is ready",
            description = """
            Without the parameter `version`, the production version. Triton's parameter `config` is accepted, if it has \
            nothing but `version_policy.specific.versions` with one number. With `"pinned": true`, the version stays in the \
            memory of each replica from now on; with `false`, no longer.""")
    @RequestBody(
            required = false,
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = MemoryRequest.class),
                            examples = @ExampleObject(name = "version", value = """
                                    {"parameters": {"version": "2"}}""")))
    @APIResponse(responseCode = "200", description = "Ready")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    @APIResponse(responseCode = "429", description = "MODEL_MEMORY_EXCEEDED")
    @APIResponse(responseCode = "503", description = "MODEL_NOT_READY")
    public Response load(
            @PathParam("model") String model,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            InputStream body)
            throws IOException {
        repository.load("", model, parameters(body), actor);
        return Response.ok().build();
    }

    @POST
    @Path("/repository/models/{model}/unload")
    @Operation(summary = "Remove a version from the memory of this replica", description = """
            Without the parameter `version`, all versions of the model. The next request for a version loads it again.""")
    @RequestBody(
            required = false,
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = MemoryRequest.class),
                            examples = @ExampleObject(name = "version", value = """
                                    {"parameters": {"version": "2"}}""")))
    @APIResponse(responseCode = "200", description = "Unloaded")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "MODEL_VERSION_IN_USE: an alias routes to the version")
    public Response unload(@PathParam("model") String model, InputStream body) throws IOException {
        repository.unload("", model, parameters(body));
        return Response.ok().build();
    }

    private static Map<String, ModelRepositoryParameter> parameters(InputStream body) throws IOException {
        JsonNode given = object(body).path("parameters");
        if (!given.isMissingNode() && !given.isObject()) {
            throw refused("parameters: expected an object, got " + QuotedInput.of(given.toString()));
        }
        Map<String, ModelRepositoryParameter> parameters = new HashMap<>();
        given.properties().forEach(parameter -> parameters.put(parameter.getKey(), value(parameter.getValue())));
        return parameters;
    }

    private static ModelRepositoryParameter value(JsonNode value) {
        ModelRepositoryParameter.Builder parameter = ModelRepositoryParameter.newBuilder();
        return switch (value) {
            case JsonNode text
            when text.isTextual() -> parameter.setStringParam(text.textValue()).build();
            case JsonNode number
            when number.isIntegralNumber() && number.canConvertToLong() ->
                parameter.setInt64Param(number.longValue()).build();
            case JsonNode bool
            when bool.isBoolean() -> parameter.setBoolParam(bool.booleanValue()).build();
            default ->
                throw refused("parameters: expected a string, a whole number, true or false, got "
                        + QuotedInput.of(value.toString()));
        };
    }

    /** The JSON object of the body, an empty one if there is no body. */
    private static JsonNode object(InputStream body) throws IOException {
        // As text: Jackson would guess another encoding from bytes.
        String json = new String(body.readAllBytes(), StandardCharsets.UTF_8);
        JsonNode object = json.isEmpty() ? JSON.createObjectNode() : JSON.readTree(json);
        if (!object.isObject()) {
            throw refused("body: expected a JSON object, got " + QuotedInput.of(object.toString()));
        }
        return object;
    }
}
