package dev.loupe.inference.serve;

import dev.loupe.inference.runtime.ModelRuntime;
import dev.loupe.inference.runtime.PredictionConfig;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelMetadataResponse;
import dev.loupe.oip.v2.ModelMetadataResponse.TensorMetadata;
import dev.loupe.oip.v2.ServerMetadataResponse;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The Open Inference Protocol v2 over HTTP, for any client that implements it. */
@Path("/v2")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Open Inference Protocol", description = "The protocol of KServe and Triton, as over gRPC.")
class OpenInferenceResource {
    private static final String ANY_VERSION = "{version:[^/]+}";
    private static final String INFER = """
            Inputs and outputs are those of ModelInfer over gRPC: `image` (BYTES, encoded images), `pixels` (UINT8) \
            or `tensor` (FP32, FP16). \
            Within JSON, an encoded image is in base64. With the header Inference-Header-Content-Length, the bytes of \
            the inputs follow the JSON, in the form of the protocol's extension for binary tensor data. The headers or \
            parameters loupe-request-key and loupe-version choose between an alias' version and its candidate.""";
    private static final String EXAMPLE = """
            {"inputs": [{"name": "image", "datatype": "BYTES", "shape": [1], "data": ["/9j/4AAQSkZJRg…"]}]}""";

    private final ModelRuntime runtime;
    private final ModelInference inference;
    private final PredictionConfig config;

    /** Whether the process responds. */
    record Live(boolean live) {}

    /** Whether predictions are accepted. */
    record Ready(boolean ready) {}

    /** Whether predictions of a model are accepted. */
    record ModelReady(String name, boolean ready) {}

    /** The server. */
    record Server(String name, String version, List<String> extensions) {}

    /**
     * An input or output.
     *
     * @param datatype BYTES, FP32 or BOOL
     * @param shape -1 for a variable dimension
     */
    record Tensor(String name, String datatype, List<Long> shape) {
        static List<Tensor> all(List<TensorMetadata> tensors) {
            return tensors.stream()
                    .map(tensor -> new Tensor(tensor.getName(), tensor.getDatatype(), tensor.getShapeList()))
                    .toList();
        }
    }

    /** The inputs and outputs of a version. */
    record Metadata(
            String name,
            List<String> versions,
            String platform,
            List<Tensor> inputs,
            List<Tensor> outputs,
            Map<String, String> properties) {}

    OpenInferenceResource(ModelRuntime runtime, ModelInference inference, PredictionConfig config) {
        this.runtime = runtime;
        this.inference = inference;
        this.config = config;
    }

    @GET
    @Path("/health/live")
    @Operation(summary = "Whether the process responds")
    public Live live() {
        return new Live(true);
    }

    @GET
    @Path("/health/ready")
    @Operation(summary = "Whether predictions are accepted")
    @APIResponse(
            responseCode = "200",
            description = "Ready",
            content = @Content(schema = @Schema(implementation = Ready.class)))
    @APIResponse(responseCode = "503", description = "Models are being loaded")
    public Response ready() {
        return readiness(runtime.isStarted(), new Ready(runtime.isStarted()));
    }

    @GET
    @Operation(summary = "Name, version and extensions of the server")
    public Server server() {
        ServerMetadataResponse server = inference.serverMetadata();
        return new Server(server.getName(), server.getVersion(), server.getExtensionsList());
    }

    @GET
    @Path("/models/{model}")
    @Operation(summary = "Inputs and outputs of the production version")
    @APIResponse(responseCode = "200", description = "Inputs and outputs")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    public Metadata metadata(@PathParam("model") String model) {
        return versionMetadata(model, "");
    }

    @GET
    @Path("/models/{model}/versions/" + ANY_VERSION)
    @Operation(summary = "Inputs and outputs of a version")
    @APIResponse(responseCode = "200", description = "Inputs and outputs")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    public Metadata versionMetadata(
            @PathParam("model") String model,
            @PathParam("version") @Parameter(description = "number or alias", example = "production") String version) {
        ModelMetadataResponse metadata = inference.modelMetadata(model, version);
        return new Metadata(
                metadata.getName(),
                metadata.getVersionsList(),
                metadata.getPlatform(),
                Tensor.all(metadata.getInputsList()),
                Tensor.all(metadata.getOutputsList()),
                metadata.getPropertiesMap());
    }

    @GET
    @Path("/models/{model}/ready")
    @Operation(summary = "Whether predictions of the production version are accepted")
    @APIResponse(responseCode = "200", description = "Ready")
    @APIResponse(responseCode = "503", description = "It is being loaded, or cannot be loaded")
    public Response modelReady(@PathParam("model") String model) {
        return versionReady(model, "");
    }

    @GET
    @Path("/models/{model}/versions/" + ANY_VERSION + "/ready")
    @Operation(summary = "Whether predictions of a version are accepted")
    @APIResponse(responseCode = "200", description = "Ready")
    @APIResponse(responseCode = "503", description = "It is being loaded, or cannot be loaded")
    public Response versionReady(@PathParam("model") String model, @PathParam("version") String version) {
        boolean ready = runtime.isReady(model, version);
        return readiness(ready, new ModelReady(model, ready));
    }

    private static Response readiness(boolean ready, Object body) {
        return Response.status(ready ? Response.Status.OK : Response.Status.SERVICE_UNAVAILABLE)
                .entity(body)
                .build();
    }

    @POST
    @Path("/models/{model}/infer")
    @Operation(summary = "Predict with the production version", description = INFER)
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            examples = @ExampleObject(name = "image", value = EXAMPLE)))
    @APIResponse(responseCode = "200", description = "One value for each image, in order")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    public Response infer(
            @PathParam("model") String model,
            @HeaderParam(HttpAdmission.JSON_LENGTH) Long jsonLength,
            @HeaderParam(HttpHeaders.CONTENT_ENCODING) @DefaultValue(HttpCall.IDENTITY) String encoding,
            @HeaderParam(HttpHeaders.ACCEPT_ENCODING) @DefaultValue(HttpCall.IDENTITY) String accepted,
            @Context RoutingContext http,
            InputStream body)
            throws IOException {
        return inferVersion(model, "", jsonLength, encoding, accepted, http, body);
    }

    @POST
    @Path("/models/{model}/versions/" + ANY_VERSION + "/infer")
    @Operation(summary = "Predict with a version", description = INFER)
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            examples = @ExampleObject(name = "image", value = EXAMPLE)))
    @APIResponse(responseCode = "200", description = "One value for each image, in order")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    public Response inferVersion(
            @PathParam("model") String model,
            @PathParam("version") String version,
            @HeaderParam(HttpAdmission.JSON_LENGTH) Long jsonLength,
            @HeaderParam(HttpHeaders.CONTENT_ENCODING) @DefaultValue(HttpCall.IDENTITY) String encoding,
            @HeaderParam(HttpHeaders.ACCEPT_ENCODING) @DefaultValue(HttpCall.IDENTITY) String accepted,
            @Context RoutingContext http,
            InputStream body)
            throws IOException {
        HttpCall call = HttpCall.of(http);
        byte[] received = call.decompressed(call.receive(body), encoding);
        long json = jsonLength == null ? received.length : jsonLength;
        if (!encoding.equals(HttpCall.IDENTITY)
                && !call.reserve(HttpAdmission.PARSED * Math.clamp(json, 0, received.length))) {
            throw new ServiceException(ErrorCode.OVERLOADED, "not enough memory for the request: other calls use it");
        }
        ModelInferRequest request = InferJsonRequest.read(model, version, received, json, config.maxBatch());
        InferJsonResponse response = InferJsonResponse.write(request, call.run(() -> inference.infer(request, true)));
        if (!call.reserve(response.body().length)) {
            throw new ServiceException(ErrorCode.OVERLOADED, "not enough memory for the response: other calls use it");
        }
        String compression = InferJsonResponse.compression(accepted);
        byte[] sent = InferJsonResponse.compressed(response.body(), compression);
        Response.ResponseBuilder answer = response.isBinary()
                ? Response.ok(sent, MediaType.APPLICATION_OCTET_STREAM_TYPE)
                        .header(HttpAdmission.JSON_LENGTH, response.jsonLength())
                : Response.ok(sent);
        return compression.equals(HttpCall.IDENTITY)
                ? answer.build()
                : answer.encoding(compression).build();
    }
}
