package dev.loupe.vision.recipe.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that differ in nothing but colour. */
class ColourTest {
    private static final List<String> LABELS = List.of("red", "green", "blue");
    private static final int SIDE = 64;
    private static final int TRAIN = 20;
    private static final int DEV = 5;
    private static final int TEST = 20;

    @TempDir
    Path folder;

    @Test
    void classesThatDifferOnlyInMeanColourAreTold() throws IOException {
        TrainedModel model = train(false);
        assertTrue(model.metrics().get("accuracy") >= .95, model.metrics().toString());
    }

    @Test
    void shuffledLabelsAreNotLearnt() throws IOException {
        TrainedModel model = train(true);
        assertTrue(model.metrics().get("accuracy") <= .6, model.metrics().toString());
    }

    private TrainedModel train(boolean shuffled) throws IOException {
        List<TrainingImage> images = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < LABELS.size() * (TRAIN + DEV + TEST); i++) {
            int label = i % LABELS.size();
            int number = i / LABELS.size();
            Split split = number < TRAIN ? Split.TRAIN : number < TRAIN + DEV ? Split.DEV : Split.TEST;
            Path file = folder.resolve(i + ".png");
            ImageIO.write(noise(label, random), "png", file.toFile());
            String given = LABELS.get(shuffled ? random.nextInt(LABELS.size()) : label);
            images.add(new TrainingImage(i + ".png", file, given, split));
        }
        return new TransferRecipe()
                .train(new TrainingJob(
                        images,
                        LABELS,
                        Scattering.backbone(SIDE),
                        7,
                        1,
                        Files.createTempDirectory(folder, "work"),
                        Progress.NONE,
                        Checkpoints.NONE));
    }

    /** Noise of a standard deviation of 40 levels; the colour of the class is 8 levels above the other two. */
    private static BufferedImage noise(int colour, Random random) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int rgb = 0;
                for (int c = 0; c < 3; c++) {
                    double level = 124 + (c == colour ? 8 : 0) + 40 * random.nextGaussian();
                    rgb = rgb << 8 | Math.clamp(Math.round(level), 0, 255);
                }
                image.setRGB(x, y, rgb);
            }
        }
        return image;
    }

    @Test
    void aColourBetweenTwoBinsCountsForBoth() {
        // Prepared as an imported backbone wants it. Red lies in bin 3 of 0..3, green a quarter above bin 1, blue in
        // bin 0.
        Preprocessing preprocessing =
                new Preprocessing(2, 2, 255, new float[] {.4f, .5f, .6f}, new float[] {.2f, .3f, .4f});
        float[] rgb = {255, 85 + 85 / 4f, 0};
        float[] input = new float[12];
        for (int i = 0; i < input.length; i++) {
            int c = i / 4;
            input[i] = (rgb[c] / 255 - preprocessing.mean()[c]) / preprocessing.std()[c];
        }
        OnnxGraph graph = OnnxGraph.create("colours");
        String image = graph.input("image", -1, 3, 2, 2);
        String description = ColourDescription.append(graph, image, preprocessing);
        graph.output(description, "description", -1, ColourDescription.SIZE);
        try (OnnxSession session = new OnnxSession(graph.toBytes(), 1)) {
            float[] histogram = session.run(input, new long[] {1, 3, 2, 2}, List.of("description"))
                    .getFirst()
                    .values();
            for (int bin = 0; bin < histogram.length; bin++) {
                double expected = bin == 3 * 16 + 4 ? Math.sqrt(.75) : bin == 3 * 16 + 2 * 4 ? Math.sqrt(.25) : 0;
                assertEquals(expected, histogram[bin], 1e-3, "bin " + bin);
            }
        }
    }
}
