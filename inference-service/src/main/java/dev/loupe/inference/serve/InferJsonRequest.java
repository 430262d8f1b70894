package dev.loupe.inference.serve;

import static dev.loupe.inference.serve.TensorBytes.refused;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.loupe.oip.v2.InferParameter;
import dev.loupe.oip.v2.InferTensorContents;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import java.io.CharConversionException;
import java.io.IOException;
import java.util.Base64;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Reads the body of a prediction in the HTTP form of the Open Inference Protocol v2: JSON, optionally followed by the
 * bytes of the inputs whose parameters have {@code binary_data_size}. Encoded images within JSON are in base64. Reads
 * token by token, so that no body takes much more memory than its values. Not thread-safe.
 *
 * <p>Source: "HTTP/REST API" of the protocol, and Triton's extension "Binary Tensor Data".
 */
final class InferJsonRequest {
    /** Parameter of an input: its bytes after the JSON. */
    private static final String BINARY_SIZE = "binary_data_size";
    /** Parameters that have an effect; others are ignored, as the protocol allows. */
    private static final Set<String> PARAMETERS = Set.of(
            BINARY_SIZE,
            InferJsonResponse.BINARY,
            InferJsonResponse.BINARY_OUTPUTS,
            InferOutputs.CLASSIFICATION,
            ArmHeaders.REQUEST_KEY,
            ArmHeaders.VERSION);
    /** Those of the parameters whose value is a string. */
    private static final Set<String> TEXTS = Set.of(ArmHeaders.REQUEST_KEY, ArmHeaders.VERSION);

    /** Most inputs, outputs, dimensions and levels of nested lists. */
    private static final int MAX_ITEMS = 8;

    private static final JsonFactory JSON = new JsonFactory();

    private final byte[] body;
    private final int jsonLength;
    private final int maxBatch;
    private final ModelInferRequest.Builder request;
    private JsonParser json;
    private int binaryStart;

    private interface Step {
        void run() throws IOException;
    }

    private InferJsonRequest(byte[] body, int jsonLength, int maxBatch, ModelInferRequest.Builder request) {
        this.body = body;
        this.jsonLength = jsonLength;
        this.binaryStart = jsonLength;
        this.maxBatch = maxBatch;
        this.request = request;
    }

    /**
     * @param version version of the request's path, empty if it has none
     * @param jsonLength bytes of the JSON at the body's start
     * @param maxBatch most images
     * @throws com.fasterxml.jackson.core.JacksonException if it is not JSON
     * @throws ServiceException {@code INVALID_REQUEST} with the expected and the actual value
     */
    static ModelInferRequest read(String model, String version, byte[] body, long jsonLength, int maxBatch)
            throws IOException {
        if (jsonLength < 0 || jsonLength > body.length) {
            throw refused("%s: expected 0 to the body's %d bytes, got %d"
                    .formatted(HttpAdmission.JSON_LENGTH, body.length, jsonLength));
        }
        ModelInferRequest.Builder request =
                ModelInferRequest.newBuilder().setModelName(model).setModelVersion(version);
        try {
            return new InferJsonRequest(body, Math.toIntExact(jsonLength), maxBatch, request).read();
        } catch (CharConversionException _) { // Jackson guesses the encoding from the first bytes
            throw refused("body: expected JSON in UTF-8, got another encoding");
        }
    }

    private ModelInferRequest read() throws IOException {
        try (JsonParser parser = JSON.createParser(body, 0, jsonLength)) {
            json = parser;
            json.nextToken();
            object("body", field -> {
                switch (field) {
                    case "id" -> request.setId(text(field));
                    case "inputs" -> list(field, this::input);
                    case "outputs" -> list(field, this::output);
                    case "parameters" -> object(field, name -> parameter(name, request::putParameters));
                    default -> json.skipChildren();
                }
            });
            if (json.nextToken() != null) {
                throw refused("body: expected one JSON object, got more");
            }
        }
        if (binaryStart != body.length) {
            throw refused("body: the inputs describe %d bytes after the JSON, got %d"
                    .formatted(binaryStart - jsonLength, body.length - jsonLength));
        }
        return request.build();
    }

    private void input() throws IOException {
        InferInputTensor.Builder input = InferInputTensor.newBuilder();
        object("inputs", field -> {
            switch (field) {
                case "name" -> input.setName(text(field));
                case "datatype" -> input.setDatatype(text(field));
                case "shape" -> list(field, () -> input.addShape(json.getLongValue()));
                case "parameters" -> object(field, name -> parameter(name, input::putParameters));
                case "data" -> data(input.getContentsBuilder());
                default -> json.skipChildren();
            }
        });
        InferParameter size = input.getParametersOrDefault(BINARY_SIZE, null);
        if (size != null) {
            request.addRawInputContents(binary(size.getInt64Param()));
        }
        if (input.getDatatype().equals("UINT8") && input.getContents().getFp32ContentsCount() > 0) {
            input.setContents(bytes(input.getContents()));
        }
        request.addInputs(input);
    }

    /** Numbers are read as FP32, because the datatype may follow them. */
    private static InferTensorContents bytes(InferTensorContents numbers) {
        InferTensorContents.Builder bytes = InferTensorContents.newBuilder();
        for (int i = 0; i < numbers.getFp32ContentsCount(); i++) {
            float value = numbers.getFp32Contents(i);
            if (value != (int) value || value < 0 || value > 255) {
                throw refused("data: expected whole numbers of 0..255 for UINT8, got %s".formatted(value));
            }
            bytes.addUintContents((int) value);
        }
        return bytes.addAllBytesContents(numbers.getBytesContentsList()).build();
    }

    private ByteString binary(long size) {
        if (size < 0 || size > body.length - binaryStart) {
            throw refused("%s: expected 0..%d, the bytes that are left after the JSON, got %d"
                    .formatted(BINARY_SIZE, body.length - binaryStart, size));
        }
        ByteString bytes = UnsafeByteOperations.unsafeWrap(body, binaryStart, (int) size);
        binaryStart += (int) size;
        return bytes;
    }

    private void output() throws IOException {
        InferRequestedOutputTensor.Builder output = InferRequestedOutputTensor.newBuilder();
        object("outputs", field -> {
            switch (field) {
                case "name" -> output.setName(text(field));
                case "parameters" -> object(field, name -> parameter(name, output::putParameters));
                default -> json.skipChildren();
            }
        });
        request.addOutputs(output);
    }

    /** Reads the values of an input: a flat list, or lists nested like its shape. */
    private void data(InferTensorContents.Builder contents) throws IOException {
        require(JsonToken.START_ARRAY, "data", "a list");
        int depth = 1;
        while (depth > 0) {
            switch (json.nextToken()) {
                case START_ARRAY -> {
                    if (++depth > MAX_ITEMS) {
                        throw refused("data: expected at most " + MAX_ITEMS + " levels of lists, got more");
                    }
                }
                case END_ARRAY -> depth--;
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> contents.addFp32Contents(json.getFloatValue());
                case VALUE_STRING -> contents.addBytesContents(encoded(contents.getBytesContentsCount()));
                case null, default -> throw refused("data: expected numbers or strings, got " + json.currentToken());
            }
        }
    }

    private ByteString encoded(int index) throws IOException {
        if (index >= maxBatch) {
            throw refused("data: expected at most " + maxBatch + " images, got more");
        }
        try {
            return UnsafeByteOperations.unsafeWrap(Base64.getDecoder().decode(json.getText()));
        } catch (IllegalArgumentException _) {
            throw refused("data[%d]: expected an encoded image in base64; images as bytes follow the JSON (%s)"
                    .formatted(index, BINARY_SIZE));
        }
    }

    private void parameter(String name, BiConsumer<String, InferParameter> parameters) throws IOException {
        if (!PARAMETERS.contains(name)) {
            json.skipChildren();
            return;
        }
        if (TEXTS.contains(name)) {
            parameters.accept(
                    name, InferParameter.newBuilder().setStringParam(text(name)).build());
            return;
        }
        InferParameter.Builder value = InferParameter.newBuilder();
        switch (json.currentToken()) {
            case VALUE_TRUE, VALUE_FALSE -> value.setBoolParam(json.getBooleanValue());
            case VALUE_NUMBER_INT -> value.setInt64Param(json.getLongValue());
            default -> throw refused("parameter '" + name + "': expected a whole number, true or false");
        }
        parameters.accept(name, value.build());
    }

    private interface FieldReader {
        void read(String field) throws IOException;
    }

    private void object(String what, FieldReader fields) throws IOException {
        require(JsonToken.START_OBJECT, what, "an object");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            fields.read(field);
        }
    }

    private void list(String field, Step element) throws IOException {
        require(JsonToken.START_ARRAY, field, "a list");
        for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
            if (i == MAX_ITEMS) {
                throw refused(field + ": expected at most " + MAX_ITEMS + ", got more");
            }
            element.run();
        }
    }

    private String text(String field) throws IOException {
        require(JsonToken.VALUE_STRING, field, "a string");
        return json.getText();
    }

    private void require(JsonToken expected, String field, String description) throws IOException {
        if (json.currentToken() != expected) {
            throw refused(field + ": expected " + description + ", got "
                    + (json.currentToken() == null ? "nothing" : QuotedInput.of(json.getText())));
        }
    }
}
