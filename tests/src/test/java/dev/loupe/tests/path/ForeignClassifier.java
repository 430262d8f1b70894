package dev.loupe.tests.path;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * A small classifier of five labels that PyTorch or Keras exported, and what that framework computes for two images: the
 * sines of 0.1 i, in the order of the input's dimensions. common/model has the programs that write them.
 *
 * @param name name of the ONNX file without its extension
 * @param document file with what its framework computes
 */
record ForeignClassifier(String name, String document) {
    /** Logits, {@code [n, 3, 64, 64]}. */
    static final ForeignClassifier RESNET = new ForeignClassifier("resnet18-opset17", "pytorch.json");

    /** The labels of {@link DrawnSurface}, and two more. */
    static final List<String> LABELS = List.of("sound", "stained", "dotted", "scratched", "bent");

    private static final Path FOLDER =
            LoupeProgram.HOME.resolve("common/model/src/test/resources/dev/loupe/model/imported");

    Path file() {
        return FOLDER.resolve(name + ".onnx");
    }

    private JsonNode entry() {
        try {
            return StreamSupport.stream(
                            Json.read(Files.readString(FOLDER.resolve(document)))
                                    .spliterator(),
                            false)
                    .filter(entry -> entry.path("file").asText().equals(name + ".onnx"))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Width and height of its input. */
    int side() {
        return entry().path("input").get(2).asInt();
    }

    /** The two images as {@code [2, 3, side, side]}. */
    float[] images() {
        boolean channelsLast = entry().path("input").get(3).asInt() == 3;
        int places = side() * side();
        float[] images = new float[2 * 3 * places];
        for (int i = 0; i < images.length; i++) {
            int image = i / (3 * places);
            int place = i / 3 % places;
            int to = channelsLast ? image * 3 * places + i % 3 * places + place : i;
            images[to] = (float) Math.sin(0.1 * i);
        }
        return images;
    }

    /** The probabilities of the labels for these images. */
    double[][] probabilities() {
        JsonNode expected = entry().path("expected");
        boolean logits = entry().path("output").asText().equals("logits");
        double[][] rows = new double[expected.size()][LABELS.size()];
        for (int image = 0; image < rows.length; image++) {
            double sum = 0;
            for (int label = 0; label < LABELS.size(); label++) {
                double value = expected.get(image).get(label).asDouble();
                rows[image][label] = logits ? Math.exp(value) : value;
                sum += rows[image][label];
            }
            for (int label = 0; label < LABELS.size(); label++) {
                rows[image][label] /= logits ? sum : 1;
            }
        }
        return rows;
    }

    @Override
    public String toString() {
        return name;
    }
}
