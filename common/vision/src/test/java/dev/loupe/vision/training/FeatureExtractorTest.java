package dev.loupe.vision.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.model.onnx.InsufficientMemoryException;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.DrawnStripes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureExtractorTest {
    private static final Preprocessing PREPROCESSING = Scattering.backbone(64).preprocessing();

    @TempDir
    Path folder;

    @Test
    void aBatchThatIsTooLargeForTheMemoryIsComputedInHalves() throws IOException {
        List<TrainingImage> images = DrawnStripes.images(folder, 6, 2, 2);
        List<Float> expected = means(images, 0);
        assertEquals(10, expected.size());
        assertTrue(expected.stream().distinct().count() > 5, expected.toString());
        assertEquals(expected, means(images, 20), "two to the power of 20 zeros fit, four to the power of 20 don't");
    }

    @Test
    void anImageThatAloneIsTooLargeSaysHowLargeItIs() throws IOException {
        List<TrainingImage> images = DrawnStripes.images(folder, 2, 0, 0);
        String message = assertThrows(InsufficientMemoryException.class, () -> means(images, -1))
                .getMessage();
        assertTrue(message.startsWith("an input of the shape [1, 3, 64, 64] needs more memory"), message);
    }

    /**
     * The mean of each image, by a model that makes n to a power of zeros for n images.
     *
     * @param power the power; -1: 2 to the power of 42 zeros for any number of images
     */
    private static List<Float> means(List<TrainingImage> images, int power) {
        OnnxGraph graph = OnnxGraph.create("hungry");
        String input = graph.input("input", -1, 3, 64, 64);
        String number = graph.slice(graph.node("Shape", List.of(input)), 0, 0, 1);
        String shape = power < 0
                ? graph.integers("sides", 1L << 21, 1L << 21)
                : graph.node("Tile", List.of(number, graph.integers("repeats", Math.max(1, power))));
        String zeros = graph.node("ConstantOfShape", List.of(shape));
        String most = graph.node("ReduceMax", List.of(zeros), OnnxAttribute.of("keepdims", 0));
        String mean = graph.reduce("ReduceMean", input, false, 1, 2, 3);
        graph.output(graph.node("Add", List.of(mean, most)), "mean", -1);
        List<Float> means = new ArrayList<>();
        try (FeatureExtractor extractor = new FeatureExtractor(graph.toBytes(), PREPROCESSING, List.of("mean"), 1)) {
            extractor.extract(images, "features", Progress.NONE, (index, features) -> {
                assertEquals(means.size(), index);
                means.add(features.getFirst()[0]);
            });
        }
        return means;
    }
}
