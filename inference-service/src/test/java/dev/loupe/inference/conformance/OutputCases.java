package dev.loupe.inference.conformance;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.conformance.ConformanceCase.INVALID;
import static dev.loupe.inference.conformance.ConformanceCase.ok;
import static dev.loupe.inference.conformance.ConformanceCase.refused;
import static dev.loupe.inference.conformance.ConformanceServer.elements;
import static dev.loupe.inference.conformance.ConformanceServer.input;
import static dev.loupe.inference.conformance.ConformanceServer.output;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.loupe.oip.v2.InferParameter;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.oip.v2.ModelInferResponse.InferOutputTensor;
import dev.loupe.oip.v2.ModelStreamInferResponse;
import io.grpc.StatusRuntimeException;
import java.awt.Color;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;

/** Outputs of ModelInfer, and ModelStreamInfer. */
final class OutputCases {
    private static final String OUTPUTS = "Outputs";
    private static final String RESPONSE = "Response";
    private static final String STREAM = "`ModelStreamInfer`";

    private OutputCases() {}

    static List<ConformanceCase> outputs() {
        return List.of(
                ok(
                        OUTPUTS,
                        "no list of outputs",
                        "all outputs",
                        s -> assertEquals(
                                List.of("label BYTES [1]", "score FP32 [1]", "probabilities FP32 [1, 2]"),
                                names(s.infer(s.image())))),
                new ConformanceCase(
                        OUTPUTS,
                        "no list of outputs, of an anomaly detector",
                        "all outputs",
                        "OK, all but `anomaly_map`, which is larger than clients accept by default",
                        s -> {
                            List<String> names = names(s.infer(s.image(s.detector, "")));
                            assertEquals(List.of("anomaly_score FP32 [1]", "anomalous BOOL [1]"), names);
                            return "OK, all but `anomaly_map`, which is larger than clients accept by default";
                        }),
                ok(
                        OUTPUTS,
                        "a list of outputs",
                        "these, in the order of the list",
                        s -> assertEquals(
                                List.of("anomaly_map FP32 [1, 8, 8]", "anomaly_score FP32 [1]"),
                                names(s.infer(s.image(s.detector, "")
                                        .addOutputs(output("anomaly_map"))
                                        .addOutputs(output("anomaly_score")))))),
                refused(
                        OUTPUTS,
                        "an unknown output",
                        INVALID,
                        s -> s.infer(s.image().addOutputs(output("no-such-output")))),
                refused(
                        OUTPUTS,
                        "an output of models of another task",
                        INVALID,
                        s -> s.infer(s.image().addOutputs(output("anomaly_map")))),
                refused(
                        OUTPUTS,
                        "an output that is listed twice",
                        INVALID,
                        s -> s.infer(s.image().addOutputs(output("label")).addOutputs(output("label")))),
                ok(OUTPUTS, "`classification` 1 of `probabilities`", "BYTES `score:index:label`", s -> {
                    ModelInferResponse answer = s.infer(classification(s, 1));
                    assertEquals(List.of("probabilities BYTES [1, 1]"), names(answer));
                    assertTrue(answer.getOutputs(0)
                            .getContents()
                            .getBytesContents(0)
                            .toStringUtf8()
                            .matches("0[.]88[0-9]+:0:red"));
                }),
                ok(
                        OUTPUTS,
                        "`classification` of more classes than there are",
                        "all classes",
                        s -> assertEquals(List.of("probabilities BYTES [1, 2]"), names(s.infer(classification(s, 9))))),
                refused(OUTPUTS, "`classification` 0", INVALID, s -> s.infer(classification(s, 0))),
                ok(OUTPUTS, "inputs in `raw_input_contents`", "outputs in `raw_output_contents`", s -> {
                    ModelInferResponse answer = s.infer(s.request()
                            .addInputs(input("image", "BYTES", 1))
                            .addRawInputContents(elements(png(Color.RED))));
                    assertEquals(3, answer.getRawOutputContentsCount());
                    assertFalse(answer.getOutputs(0).hasContents());
                    assertEquals(elements("red".getBytes()), answer.getRawOutputContents(0));
                    assertEquals(8, answer.getRawOutputContents(2).size());
                }),
                ok(OUTPUTS, "BOOL in `raw_output_contents`", "one byte for each value", s -> {
                    ModelInferResponse answer = s.infer(s.request()
                            .setModelName(s.detector.name())
                            .addInputs(input("image", "BYTES", 2))
                            .addRawInputContents(elements(png(Color.WHITE), png(Color.BLACK)))
                            .addOutputs(output("anomalous")));
                    assertEquals(ByteString.copyFrom(new byte[] {1, 0}), answer.getRawOutputContents(0));
                }),
                new ConformanceCase(
                        OUTPUTS,
                        "inputs in `contents`",
                        "outputs in `contents` or in `raw_output_contents`",
                        "OK, in `contents`",
                        s -> {
                            ModelInferResponse answer = s.infer(s.image());
                            assertEquals(0, answer.getRawOutputContentsCount());
                            assertEquals(2, answer.getOutputs(2).getContents().getFp32ContentsCount());
                            return "OK, in `contents`";
                        }),
                ok(
                        RESPONSE,
                        "a request with an id",
                        "the same id",
                        s -> assertEquals(
                                "frame 7", s.infer(s.image().setId("frame 7")).getId())),
                ok(
                        RESPONSE,
                        "a request without an id",
                        "no id",
                        s -> assertEquals("", s.infer(s.image()).getId())),
                ok(RESPONSE, "model and version", "those that predicted", s -> {
                    ModelInferResponse answer = s.infer(s.image(s.classifier, "candidate"));
                    assertEquals(s.classifier.name(), answer.getModelName());
                    assertEquals("2", answer.getModelVersion());
                }),
                ok(
                        RESPONSE,
                        "a request with unknown parameters",
                        "they are ignored",
                        s -> assertEquals(
                                Set.of("precision", "prediction_id"),
                                s.infer(s.image()
                                                .putParameters(
                                                        "priority",
                                                        InferParameter.newBuilder()
                                                                .setInt64Param(3)
                                                                .build()))
                                        .getParametersMap()
                                        .keySet())));
    }

    static List<ConformanceCase> stream() {
        return List.of(
                ok(STREAM, "twenty requests", "a response for each, in their order", s -> {
                    List<ModelStreamInferResponse> answers = s.stream(IntStream.range(0, 20)
                            .mapToObj(i -> s.image().setId("frame " + i).build())
                            .toList());
                    assertEquals(
                            IntStream.range(0, 20).mapToObj(i -> "frame " + i).toList(),
                            answers.stream()
                                    .map(answer -> answer.getInferResponse().getId())
                                    .toList());
                    answers.forEach(answer -> assertEquals("", answer.getErrorMessage()));
                }),
                ok(STREAM, "a request that is refused", "`error_message`, and the stream continues", s -> {
                    List<ModelStreamInferResponse> answers = s.stream(List.of(
                            s.image().build(),
                            s.image().setModelVersion("7").setId("bad").build(),
                            s.image().build()));
                    assertEquals(3, answers.size());
                    assertTrue(
                            answers.get(1).getErrorMessage().startsWith("MODEL_VERSION_NOT_FOUND: "),
                            answers.get(1).getErrorMessage());
                    assertEquals("bad", answers.get(1).getInferResponse().getId());
                    assertEquals("1", answers.get(2).getInferResponse().getModelVersion());
                }),
                ok(STREAM, "requests for different models", "each is answered by its model", s -> {
                    List<ModelStreamInferResponse> answers = s.stream(
                            List.of(s.image().build(), s.image(s.detector, "").build()));
                    assertEquals(
                            "label",
                            answers.get(0).getInferResponse().getOutputs(0).getName());
                    assertEquals(
                            "anomaly_score",
                            answers.get(1).getInferResponse().getOutputs(0).getName());
                }),
                ok(STREAM, "no request", "no response", s -> assertEquals(List.of(), s.stream(List.of()))),
                ok(STREAM, "`triton_enable_empty_final_response`", "`triton_final_response` in the response", s -> {
                    ModelInferRequest marked = s.image()
                            .putParameters(
                                    "triton_enable_empty_final_response",
                                    InferParameter.newBuilder()
                                            .setBoolParam(true)
                                            .build())
                            .build();
                    assertTrue(s.stream(List.of(marked))
                            .getFirst()
                            .getInferResponse()
                            .getParametersOrThrow("triton_final_response")
                            .getBoolParam());
                }),
                refused(STREAM, "a message beyond 16 MiB ends the stream", "INVALID_ARGUMENT REQUEST_TOO_LARGE", s -> {
                    try {
                        s.stream(List.of(s.request()
                                .addRawInputContents(ByteString.copyFrom(new byte[17 << 20]))
                                .build()));
                    } catch (ExecutionException e) {
                        throw (StatusRuntimeException) e.getCause();
                    }
                }));
    }

    private static ModelInferRequest.Builder classification(ConformanceServer s, int classes) {
        return s.image()
                .addOutputs(output("probabilities")
                        .putParameters(
                                "classification",
                                InferParameter.newBuilder()
                                        .setInt64Param(classes)
                                        .build()));
    }

    private static List<String> names(ModelInferResponse response) {
        return response.getOutputsList().stream().map(OutputCases::text).toList();
    }

    private static String text(InferOutputTensor output) {
        return output.getName() + " " + output.getDatatype() + " " + output.getShapeList();
    }
}
