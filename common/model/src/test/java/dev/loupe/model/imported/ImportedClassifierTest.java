package dev.loupe.model.imported;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Task;
import dev.loupe.imaging.ImagePreparation;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.imported.ImportedClassifier.Scores;
import dev.loupe.model.imported.ImportedClassifier.Settings;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.trial.InputLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImportedClassifierTest {
    private static final List<String> LABELS = List.of("a", "b", "c", "d", "e");
    private static final float[] ZEROS = {0, 0, 0};
    private static final float[] ONES = {1, 1, 1};

    private static Settings settings(int labels, Integer side, String output) {
        return new Settings(labels, side, output, 255, ZEROS, ONES);
    }

    @ParameterizedTest
    @MethodSource("dev.loupe.model.imported.ExportedClassifier#all")
    void predictsTheProbabilitiesOfItsFramework(ExportedClassifier exported) {
        ImportedClassifier imported = ImportedClassifier.of(exported.onnx(), settings(LABELS.size(), null, null));

        boolean channelsLast = exported.input().getLast() == 3;
        assertEquals(channelsLast ? InputLayout.CHANNELS_LAST : InputLayout.CHANNELS_FIRST, imported.layout());
        assertEquals(exported.output().equals("logits") ? Scores.LOGITS : Scores.PROBABILITIES, imported.scores());
        int side = exported.input().get(2);
        assertEquals(side, imported.preprocessing().width());
        assertEquals(
                List.of(Predictor.PROBABILITIES),
                OnnxGraph.read(imported.onnx()).outputs());
        float[] images = channelsLast ? channelsFirst(exported.images(), side) : exported.images();
        try (Predictor predictor =
                new Predictor(imported.onnx(), Task.CLASSIFICATION, imported.preprocessing(), LABELS, null, 1)) {
            for (int i = 0; i < 2; i++) {
                ClassPrediction prediction =
                        (ClassPrediction) predictor.predictTensor(images, 2).get(i);
                float[] expected = exported.expected()[i];
                assertArrayEquals(
                        imported.scores() == Scores.LOGITS ? softmax(expected) : expected,
                        prediction.probabilities(),
                        1e-4f);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.loupe.model.imported.ExportedClassifier#all")
    void fileGivesTheSameNetworkAsItsBytes(ExportedClassifier exported, @TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("network.onnx"), exported.onnx());
        Settings settings = settings(LABELS.size(), null, null);

        ImportedClassifier mapped = ImportedClassifier.of(file, settings);

        assertArrayEquals(ImportedClassifier.of(exported.onnx(), settings).onnx(), mapped.onnx());
    }

    /** The reference is the same network with an input whose channels were exchanged by hand. */
    @ParameterizedTest
    @MethodSource("dev.loupe.model.imported.ExportedClassifier#all")
    void takesBlueFirst(ExportedClassifier exported) {
        Settings red = settings(LABELS.size(), null, null);
        Settings blue = new Settings(LABELS.size(), null, null, 255, ZEROS, ONES, ImagePreparation.NONE, true);
        boolean channelsLast = exported.input().getLast() == 3;
        int side = exported.input().get(2);
        float[] images = channelsLast ? channelsFirst(exported.images(), side) : exported.images();
        float[] exchanged = images.clone();
        int plane = side * side;
        for (int image = 0; image < 2; image++) {
            System.arraycopy(images, image * 3 * plane, exchanged, (image * 3 + 2) * plane, plane);
            System.arraycopy(images, (image * 3 + 2) * plane, exchanged, image * 3 * plane, plane);
        }

        float[][] expected = probabilities(ImportedClassifier.of(exported.onnx(), red), images);
        float[][] given = probabilities(ImportedClassifier.of(exported.onnx(), blue), exchanged);

        for (int image = 0; image < 2; image++) {
            assertArrayEquals(expected[image], given[image], 1e-6f);
        }
        assertFalse(
                Arrays.deepEquals(expected, probabilities(ImportedClassifier.of(exported.onnx(), blue), images)),
                "the order matters");
    }

    private static float[][] probabilities(ImportedClassifier imported, float[] images) {
        try (Predictor predictor =
                new Predictor(imported.onnx(), Task.CLASSIFICATION, imported.preprocessing(), LABELS, null, 1)) {
            return predictor.predictTensor(images, 2).stream()
                    .map(prediction -> ((ClassPrediction) prediction).probabilities())
                    .toArray(float[][]::new);
        }
    }

    private static float[] channelsFirst(float[] images, int side) {
        float[] arranged = new float[images.length];
        int places = side * side;
        for (int i = 0; i < images.length; i++) {
            int image = i / (3 * places);
            int place = i / 3 % places;
            arranged[image * 3 * places + i % 3 * places + place] = images[i];
        }
        return arranged;
    }

    private static float[] softmax(float... logits) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        float[] probabilities = new float[logits.length];
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] = (float) (Math.exp(logits[i]) / sum);
        }
        return probabilities;
    }

    /** Input [n, 3, h, w]; outputs the maximum and the mean of each channel. */
    private static byte[] channels(String input, long... dimensions) {
        OnnxGraph graph = OnnxGraph.create("g");
        String image = graph.input(input, dimensions);
        graph.output(graph.reduce("ReduceMax", image, false, 2, 3), "largest", -1, 3);
        graph.output(graph.reduce("ReduceMean", image, false, 2, 3), "mean", -1, 3);
        return graph.toBytes();
    }

    @Test
    void takesTheOutputAndTheSizeThatTheUserNames() {
        ImportedClassifier imported =
                ImportedClassifier.of(channels("probabilities_in", -1, 3, -1, -1), settings(3, 40, "mean"));

        assertEquals(40, imported.preprocessing().height());
        assertEquals(Scores.LOGITS, imported.scores());
    }

    @Test
    void refusesWhatItCannotUse() {
        byte[] dynamic = channels("image", -1, 3, -1, -1);
        assertRefused("dynamic", dynamic, settings(3, null, "mean"));
        assertRefused("expected one output [n, 3]", dynamic, settings(3, 40, null));
        assertRefused("expected an output 'means' [n, 3]", dynamic, settings(3, 40, "means"));
        assertRefused("'mean' [2, 3]", dynamic, settings(4, 40, "mean"));
        assertRefused("fixed batch size 1", channels("image", 1, 3, 8, 8), settings(3, null, "mean"));
        assertRefused("not 40", channels("image", -1, 3, 8, 8), settings(3, 40, "mean"));
        assertRefused("it is [-1, 4, 8, 8]", channels("image", -1, 4, 8, 8), settings(3, null, "mean"));
        assertRefused("rename it", channels(Predictor.PROBABILITIES, -1, 3, 8, 8), settings(3, null, "mean"));
    }

    private static void assertRefused(String reason, byte[] onnx, Settings settings) {
        InvalidOnnxException refused =
                assertThrows(InvalidOnnxException.class, () -> ImportedClassifier.of(onnx, settings));
        assertTrue(refused.getMessage().contains(reason), refused.getMessage());
    }
}
