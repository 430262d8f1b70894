package dev.loupe.tests.path;

import com.google.protobuf.ByteString;
import dev.loupe.model.Predictor;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import javax.imageio.ImageIO;

/** Requests of the benchmark, with raw contents: the same for all servers but for the name of the network. */
final class InferRequests {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 480;

    private InferRequests() {}

    /** A tensor FP32 {@code [1, 3, side, side]} of random values. */
    static ModelInferRequest tensor(String model, int side) {
        Random random = new Random(2);
        int size = 3 * side * side;
        ByteBuffer values = ByteBuffer.allocate(size * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < size; i++) {
            values.putFloat((float) random.nextGaussian());
        }
        InferInputTensor input = InferInputTensor.newBuilder()
                .setName("tensor")
                .setDatatype("FP32")
                .addShape(1)
                .addShape(3)
                .addShape(side)
                .addShape(side)
                .build();
        return request(model, input, ByteString.copyFrom(values.flip()));
    }

    /** An encoded image. */
    static ModelInferRequest image(String model, byte[] encoded) {
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        length.putInt(encoded.length);
        InferInputTensor input = InferInputTensor.newBuilder()
                .setName("image")
                .setDatatype("BYTES")
                .addShape(1)
                .build();
        return request(model, input, ByteString.copyFrom(length.flip()).concat(ByteString.copyFrom(encoded)));
    }

    private static ModelInferRequest request(String model, InferInputTensor input, ByteString content) {
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(input)
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName(Predictor.PROBABILITIES))
                .addRawInputContents(content)
                .build();
    }

    /** A drawn JPEG of 640 x 480 pixels. */
    static byte[] jpeg() {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(3);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                int noise = random.nextInt(24);
                int red = 60 + x / 8 + noise;
                int green = 80 + y / 8 + noise;
                image.setRGB(x, y, red << 16 | green << 8 | 100 + (x + y) / 16 + noise);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "jpg", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
