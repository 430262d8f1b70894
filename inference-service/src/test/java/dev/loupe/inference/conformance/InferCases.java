package dev.loupe.inference.conformance;

import static dev.loupe.inference.SmallModels.SIDE;
import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.conformance.ConformanceCase.INVALID;
import static dev.loupe.inference.conformance.ConformanceCase.ok;
import static dev.loupe.inference.conformance.ConformanceCase.refused;
import static dev.loupe.inference.conformance.ConformanceServer.elements;
import static dev.loupe.inference.conformance.ConformanceServer.encoded;
import static dev.loupe.inference.conformance.ConformanceServer.floats;
import static dev.loupe.inference.conformance.ConformanceServer.fp16;
import static dev.loupe.inference.conformance.ConformanceServer.fp32;
import static dev.loupe.inference.conformance.ConformanceServer.input;
import static dev.loupe.inference.conformance.ConformanceServer.redTensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.loupe.oip.v2.InferParameter;
import dev.loupe.oip.v2.InferTensorContents;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import java.awt.Color;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Inputs of ModelInfer. */
final class InferCases {
    private static final String IMAGE = "Input `image`";
    private static final String PIXELS = "Input `pixels`";
    private static final String TENSOR = "Input `tensor`";
    private static final String INPUTS = "Inputs of a request";
    /** softmax(2, 0), by hand: what version 1 says of pure red. */
    private static final double RED = Math.exp(2) / (Math.exp(2) + 1);

    private InferCases() {}

    static List<ConformanceCase> all() {
        return List.of(
                predicted(IMAGE, "BYTES in `bytes_contents`", s -> s.image()),
                predicted(IMAGE, "BYTES in `raw_input_contents`", s -> s.request()
                        .addInputs(input("image", "BYTES", 1))
                        .addRawInputContents(elements(png(Color.RED)))),
                ok(IMAGE, "two images", "one value for each, in order", s -> {
                    var answer = s.infer(s.request().addInputs(encoded(Color.RED, Color.BLUE)));
                    assertEquals(List.of(2L, 2L), answer.getOutputs(2).getShapeList());
                    assertEquals(
                            List.of("red", "blue"),
                            answer.getOutputs(0).getContents().getBytesContentsList().stream()
                                    .map(ByteString::toStringUtf8)
                                    .toList());
                }),
                refused(
                        IMAGE,
                        "no image: shape [0]",
                        INVALID,
                        s -> s.infer(s.request().addInputs(input("image", "BYTES", 0)))),
                refused(
                        IMAGE,
                        "33 images, more than `max_batch_size`",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(encoded(
                                        Collections.nCopies(33, Color.RED).toArray(new Color[0]))))),
                refused(
                        IMAGE,
                        "a shape of two dimensions",
                        INVALID,
                        s -> s.infer(s.request().addInputs(encoded(Color.RED).addShape(1)))),
                refused(
                        IMAGE,
                        "a negative dimension",
                        INVALID,
                        s -> s.infer(s.request().addInputs(encoded(Color.RED).setShape(0, -1)))),
                refused(
                        IMAGE,
                        "more elements than the shape",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(encoded(Color.RED, Color.BLUE).setShape(0, 1)))),
                refused(
                        IMAGE,
                        "datatype UINT8",
                        INVALID,
                        s -> s.infer(s.request().addInputs(encoded(Color.RED).setDatatype("UINT8")))),
                refused(
                        IMAGE,
                        "an unknown datatype",
                        INVALID,
                        s -> s.infer(s.request().addInputs(encoded(Color.RED).setDatatype("STRING")))),
                refused(
                        IMAGE,
                        "values in `fp32_contents`",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(input("image", "BYTES", 1)
                                        .setContents(
                                                InferTensorContents.newBuilder().addFp32Contents(1))))),
                refused(
                        IMAGE,
                        "a raw element longer than the contents",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(input("image", "BYTES", 1))
                                .addRawInputContents(elements(png(Color.RED)).substring(0, 20)))),
                refused(
                        IMAGE,
                        "bytes after the last raw element",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(input("image", "BYTES", 1))
                                .addRawInputContents(elements(png(Color.RED)).concat(ByteString.copyFromUtf8("x"))))),
                refused(
                        IMAGE,
                        "not an image",
                        "INVALID_ARGUMENT IMAGE_UNSUPPORTED",
                        s -> s.infer(s.request()
                                .addInputs(input("image", "BYTES", 1))
                                .addRawInputContents(elements("not an image".getBytes())))),
                predicted(PIXELS, "UINT8 [n, height, width, 3] in `raw_input_contents`", s -> s.request()
                        .addInputs(input("pixels", "UINT8", 1, 10, 20, 3))
                        .addRawInputContents(pixels(10 * 20, 255, 0, 0))),
                predicted(PIXELS, "UINT8 [n, 3, height, width] in `raw_input_contents`", s -> s.request()
                        .addInputs(input("pixels", "UINT8", 1, 3, 10, 20))
                        .addRawInputContents(ByteString.copyFrom(new byte[0])
                                .concat(pixels(200, 255))
                                .concat(pixels(400, 0)))),
                predicted(PIXELS, "UINT8 in `uint_contents`", s -> s.request()
                        .addInputs(input("pixels", "UINT8", 1, 2, 2, 3).setContents(uints(255, 0, 0)))),
                refused(
                        PIXELS,
                        "a value beyond 255",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(input("pixels", "UINT8", 1, 2, 2, 3).setContents(uints(256, 0, 0))))),
                refused(
                        PIXELS,
                        "one byte too few",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(input("pixels", "UINT8", 1, 2, 2, 3))
                                .addRawInputContents(ByteString.copyFrom(new byte[11])))),
                refused(
                        PIXELS,
                        "four channels",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(input("pixels", "UINT8", 1, 2, 2, 4))
                                .addRawInputContents(ByteString.copyFrom(new byte[16])))),
                refused(
                        PIXELS,
                        "a height of 0",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(input("pixels", "UINT8", 1, 0, 2, 3))
                                .addRawInputContents(ByteString.EMPTY))),
                predicted(TENSOR, "FP32 in `raw_input_contents`", s -> s.request()
                        .addInputs(tensor("FP32"))
                        .addRawInputContents(fp32(redTensor()))),
                predicted(TENSOR, "FP32 in `fp32_contents`", s -> s.request()
                        .addInputs(tensor("FP32").setContents(fp32Contents(3 * SIDE * SIDE)))),
                predicted(TENSOR, "FP16 in `raw_input_contents`", s -> s.request()
                        .addInputs(tensor("FP16"))
                        .addRawInputContents(fp16(redTensor()))),
                refused(
                        TENSOR,
                        "FP16 that is infinite",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(tensor("FP16"))
                                .addRawInputContents(
                                        fp16(new float[3 * SIDE * SIDE - 1]).concat(fp16(Float.POSITIVE_INFINITY))))),
                refused(
                        TENSOR,
                        "FP16 in `contents`, which has no field for it",
                        INVALID,
                        s -> s.infer(s.request().addInputs(tensor("FP16").setContents(fp32Contents(3 * SIDE * SIDE))))),
                refused(
                        TENSOR,
                        "FP64",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(tensor("FP64"))
                                .addRawInputContents(ByteString.copyFrom(new byte[8 * 3 * SIDE * SIDE])))),
                refused(
                        TENSOR,
                        "INT64",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(tensor("INT64"))
                                .addRawInputContents(ByteString.copyFrom(new byte[8 * 3 * SIDE * SIDE])))),
                refused(
                        TENSOR,
                        "another height",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(input("tensor", "FP32", 1, 3, SIDE + 1, SIDE))
                                .addRawInputContents(fp32(redTensor())))),
                refused(
                        TENSOR,
                        "a dimension too few",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(input("tensor", "FP32", 3, SIDE, SIDE))
                                .addRawInputContents(fp32(redTensor())))),
                refused(
                        TENSOR,
                        "no shape",
                        INVALID,
                        s -> s.infer(
                                s.request().addInputs(input("tensor", "FP32")).addRawInputContents(fp32(redTensor())))),
                refused(
                        TENSOR,
                        "one byte too many",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(tensor("FP32"))
                                .addRawInputContents(fp32(redTensor()).concat(ByteString.copyFrom(new byte[1]))))),
                refused(
                        TENSOR,
                        "one value too few in `fp32_contents`",
                        INVALID,
                        s -> s.infer(
                                s.request().addInputs(tensor("FP32").setContents(fp32Contents(3 * SIDE * SIDE - 1))))),
                refused(
                        TENSOR,
                        "values in `fp64_contents`",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(tensor("FP32")
                                        .setContents(
                                                InferTensorContents.newBuilder().addFp64Contents(1))))),
                refused(
                        TENSOR,
                        "not a number (NaN)",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(tensor("FP32"))
                                .addRawInputContents(
                                        fp32(new float[3 * SIDE * SIDE - 1]).concat(fp32(Float.NaN))))),
                refused(INPUTS, "none", INVALID, s -> s.infer(s.request())),
                refused(
                        INPUTS,
                        "a missing input: not one of those of the model",
                        INVALID,
                        s -> s.infer(s.request().addInputs(encoded(Color.RED).setName("photo")))),
                refused(
                        INPUTS,
                        "two inputs of which the model needs one",
                        INVALID,
                        s -> s.infer(s.image().addInputs(encoded(Color.BLUE)))),
                refused(
                        INPUTS,
                        "both `contents` and `raw_input_contents`",
                        INVALID,
                        s -> s.infer(s.image().addRawInputContents(elements(png(Color.RED))))),
                refused(
                        INPUTS,
                        "more entries in `raw_input_contents` than inputs",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(input("image", "BYTES", 1))
                                .addRawInputContents(elements(png(Color.RED)))
                                .addRawInputContents(elements(png(Color.RED))))),
                refused(
                        INPUTS,
                        "neither `contents` nor `raw_input_contents`",
                        INVALID,
                        s -> s.infer(s.request().addInputs(input("image", "BYTES", 1)))),
                refused(
                        INPUTS,
                        "an input in shared memory, an extension that is not offered",
                        INVALID,
                        s -> s.infer(s.request()
                                .addInputs(encoded(Color.RED)
                                        .putParameters(
                                                "shared_memory_region",
                                                InferParameter.newBuilder()
                                                        .setStringParam("r")
                                                        .build())))));
    }

    private interface Request {
        ModelInferRequest.Builder of(ConformanceServer server);
    }

    /** A request whose image is red: its probabilities are those of the calculation by hand. */
    private static ConformanceCase predicted(String group, String name, Request request) {
        return ok(group, name, "a prediction", s -> {
            var answer = s.infer(request.of(s).addOutputs(ConformanceServer.output("probabilities")));
            float[] probabilities = answer.getRawOutputContentsCount() > 0
                    ? floats(answer.getRawOutputContents(0))
                    : new float[] {
                        answer.getOutputs(0).getContents().getFp32Contents(0),
                        answer.getOutputs(0).getContents().getFp32Contents(1)
                    };
            assertArrayEquals(new float[] {(float) RED, (float) (1 - RED)}, probabilities, 1e-6f);
        });
    }

    private static InferInputTensor.Builder tensor(String datatype) {
        return input("tensor", datatype, 1, 3, SIDE, SIDE);
    }

    private static InferTensorContents.Builder fp32Contents(int values) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        float[] red = redTensor();
        IntStream.range(0, values).forEach(i -> contents.addFp32Contents(red[i]));
        return contents;
    }

    /** Two by two pixels of one colour. */
    private static InferTensorContents.Builder uints(int... colour) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        IntStream.range(0, 4 * colour.length).forEach(i -> contents.addUintContents(colour[i % colour.length]));
        return contents;
    }

    private static ByteString pixels(int count, int... colour) {
        byte[] bytes = new byte[count * colour.length];
        IntStream.range(0, bytes.length).forEach(i -> bytes[i] = (byte) colour[i % colour.length]);
        return ByteString.copyFrom(bytes);
    }
}
