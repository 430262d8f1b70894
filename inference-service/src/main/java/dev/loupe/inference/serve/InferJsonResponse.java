package dev.loupe.inference.serve;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.ByteString;
import dev.loupe.oip.v2.InferParameter;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.oip.v2.ModelInferResponse.InferOutputTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Writes a prediction in the HTTP form of the Open Inference Protocol v2. Outputs that the request wants as binary data
 * follow the JSON, in order.
 *
 * @param body JSON, then the bytes of the binary outputs
 * @param jsonLength bytes of the JSON; equal to the body's if no output is binary
 */
record InferJsonResponse(byte[] body, int jsonLength) {
    /** Parameter of an output: whether it follows the JSON as bytes. */
    static final String BINARY = "binary_data";
    /** Parameter of a request: the same for all outputs that don't have it. */
    static final String BINARY_OUTPUTS = "binary_data_output";

    private static final JsonFactory JSON = new JsonFactory();

    boolean isBinary() {
        return jsonLength < body.length;
    }

    /** @param response response with raw outputs */
    static InferJsonResponse write(ModelInferRequest request, ModelInferResponse response) throws IOException {
        Map<String, Boolean> binary = new HashMap<>();
        boolean all = isTrue(request.getParametersMap().get(BINARY_OUTPUTS));
        request.getOutputsList().forEach(output -> {
            InferParameter own = output.getParametersMap().get(BINARY);
            binary.put(output.getName(), own == null ? all : isTrue(own));
        });
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(body)) {
            json.writeStartObject();
            json.writeStringField("model_name", response.getModelName());
            json.writeStringField("model_version", response.getModelVersion());
            if (!response.getId().isEmpty()) {
                json.writeStringField("id", response.getId());
            }
            if (response.getParametersCount() > 0) {
                json.writeObjectFieldStart("parameters");
                for (Map.Entry<String, InferParameter> parameter :
                        new TreeMap<>(response.getParametersMap()).entrySet()) {
                    write(json, parameter.getKey(), parameter.getValue());
                }
                json.writeEndObject();
            }
            json.writeArrayFieldStart("outputs");
            for (int i = 0; i < response.getOutputsCount(); i++) {
                InferOutputTensor output = response.getOutputs(i);
                write(json, output, response.getRawOutputContents(i), binary.getOrDefault(output.getName(), all));
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        int jsonLength = body.size();
        for (int i = 0; i < response.getOutputsCount(); i++) {
            if (binary.getOrDefault(response.getOutputs(i).getName(), all)) {
                response.getRawOutputContents(i).writeTo(body);
            }
        }
        return new InferJsonResponse(body.toByteArray(), jsonLength);
    }

    private static void write(JsonGenerator json, String name, InferParameter parameter) throws IOException {
        switch (parameter.getParameterChoiceCase()) {
            case BOOL_PARAM -> json.writeBooleanField(name, parameter.getBoolParam());
            case INT64_PARAM -> json.writeNumberField(name, parameter.getInt64Param());
            case UINT64_PARAM -> json.writeNumberField(name, parameter.getUint64Param());
            case DOUBLE_PARAM -> json.writeNumberField(name, parameter.getDoubleParam());
            case STRING_PARAM -> json.writeStringField(name, parameter.getStringParam());
            case PARAMETERCHOICE_NOT_SET -> json.writeNullField(name);
        }
    }

    private static boolean isTrue(InferParameter parameter) {
        return parameter != null && parameter.getBoolParam();
    }

    private static void write(JsonGenerator json, InferOutputTensor output, ByteString raw, boolean binary)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("name", output.getName());
        json.writeStringField("datatype", output.getDatatype());
        json.writeFieldName("shape");
        json.writeArray(
                output.getShapeList().stream().mapToLong(Long::longValue).toArray(), 0, output.getShapeCount());
        if (binary) {
            json.writeObjectFieldStart("parameters");
            json.writeNumberField("binary_data_size", raw.size());
            json.writeEndObject();
        } else {
            json.writeArrayFieldStart("data");
            values(json, output, raw);
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void values(JsonGenerator json, InferOutputTensor output, ByteString raw) throws IOException {
        switch (output.getDatatype()) {
            case "FP32" -> {
                for (float value : TensorBytes.floats(raw)) {
                    json.writeNumber(value);
                }
            }
            case "BOOL" -> {
                for (byte value : raw) {
                    json.writeBoolean(value != 0);
                }
            }
            default -> {
                int count = Math.toIntExact(output.getShapeList().stream().reduce(1L, Math::multiplyExact));
                for (ByteString element : TensorBytes.elements(output.getName(), raw, count)) {
                    json.writeString(element.toStringUtf8());
                }
            }
        }
    }

    /** The first of gzip and deflate that an Accept-Encoding header names without excluding it, or identity. */
    static String compression(String accepted) {
        for (String coding : accepted.toLowerCase(Locale.ROOT).split(",")) {
            String[] parts = coding.strip().split("\\s*;\\s*q=");
            boolean excluded = parts.length > 1 && parts[1].matches("0(\\.0*)?");
            if (!excluded && (parts[0].equals(HttpCall.GZIP) || parts[0].equals(HttpCall.DEFLATE))) {
                return parts[0];
            }
        }
        return HttpCall.IDENTITY;
    }

    static byte[] compressed(byte[] body, String compression) throws IOException {
        if (compression.equals(HttpCall.IDENTITY)) {
            return body;
        }
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream out = compression.equals(HttpCall.GZIP)
                ? new GZIPOutputStream(compressed)
                : new DeflaterOutputStream(compressed)) {
            out.write(body);
        }
        return compressed.toByteArray();
    }
}
