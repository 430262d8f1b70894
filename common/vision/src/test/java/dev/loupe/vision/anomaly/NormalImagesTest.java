package dev.loupe.vision.anomaly;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.ImageConditions;
import dev.loupe.imaging.ImageConditions.Measure;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.NormalRange;
import dev.loupe.model.NormalRange.Limits;
import dev.loupe.model.RangeWarning;
import dev.loupe.vision.DrawnParts;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingImage;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.ConvolveOp;
import java.awt.image.Kernel;
import java.awt.image.RescaleOp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NormalImagesTest {
    private static final int SIDE = 96;
    private static final int LEARNED = 40;
    private static final Preprocessing PREPROCESSING =
            new Preprocessing(64, 64, 255, new float[] {0.5f, 0.5f, 0.5f}, new float[] {0.25f, 0.25f, 0.25f});

    @TempDir
    static Path folder;

    private static List<TrainingImage> normal;
    private static NormalRange range;

    @BeforeAll
    static void learn() {
        normal = DrawnParts.draw(folder.resolve("images"), SIDE, LEARNED + 200, 0, 0);
        range = NormalImages.range(normal.subList(0, LEARNED), PREPROCESSING, 2, Progress.NONE);
    }

    private static List<List<RangeWarning>> warnings(List<TrainingImage> images) {
        return NormalImages.measure(images, PREPROCESSING, 2, Progress.NONE).stream()
                .map(range::warnings)
                .toList();
    }

    @Test
    void normalImagesThatWereNotLearnedFromRaiseAWarningRarely() {
        assertEquals(LEARNED, range.images());
        assertTrue(warnings(normal.subList(0, LEARNED)).stream().allMatch(List::isEmpty));
        long warned = warnings(normal.subList(LEARNED, normal.size())).stream()
                .filter(warnings -> !warnings.isEmpty())
                .count();
        assertTrue(warned <= 2, warned + " of 200");
    }

    @Test
    void darkenedImagesRaiseAWarning() throws IOException {
        assertEachWarns(Measure.BRIGHTNESS, image -> new RescaleOp(0.6f, 0, null).filter(image, null));
    }

    @Test
    void blurredImagesRaiseAWarning() throws IOException {
        float[] weights = new float[49];
        Arrays.fill(weights, 1 / 49f);
        assertEachWarns(
                Measure.SHARPNESS,
                image -> new ConvolveOp(new Kernel(7, 7, weights), ConvolveOp.EDGE_NO_OP, null).filter(image, null));
    }

    @Test
    void imagesOfAnotherShapeRaiseAWarning() throws IOException {
        assertEachWarns(Measure.ASPECT_RATIO, image -> image.getSubimage(0, 0, SIDE, SIDE / 2));
    }

    @Test
    void imagesOfAnotherSizeRaiseAWarning() throws IOException {
        assertEachWarns(Measure.SIZE, image -> {
            BufferedImage larger = new BufferedImage(2 * SIDE, 2 * SIDE, BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = larger.createGraphics();
            graphics.drawImage(image, 0, 0, 2 * SIDE, 2 * SIDE, null);
            graphics.dispose();
            return larger;
        });
    }

    private static void assertEachWarns(Measure measure, UnaryOperator<BufferedImage> change) throws IOException {
        Path changed = java.nio.file.Files.createTempDirectory(folder, "changed");
        List<TrainingImage> images = new java.util.ArrayList<>();
        for (TrainingImage image : normal.subList(LEARNED, LEARNED + 20)) {
            Path file = changed.resolve(image.id() + ".png");
            ImageIO.write(change.apply(ImageIO.read(image.file().toFile())), "png", file.toFile());
            images.add(new TrainingImage(image.id(), file, image.label(), Split.TEST));
        }
        for (List<RangeWarning> warnings : warnings(images)) {
            assertTrue(warnings.stream().anyMatch(warning -> warning.measure() == measure), warnings.toString());
        }
    }

    /** Twelve images with the mean 120 and the standard deviation sqrt(1200 / 11). */
    @Test
    void limitsAreAToleranceIntervalAroundTheMean() {
        double[] brightness = {110, 130, 110, 130, 110, 130, 110, 130, 110, 130, 110, 130};
        Limits limits = NormalImages.range(images(brightness)).limits().get(Measure.BRIGHTNESS);
        // 3.2905 * sqrt(11 * (1 + 1/12) / 4.5748), with chi2(0.05, 11) = 4.5748, times sqrt(12 * 100 / 11)
        double margin = 3.2905 * Math.sqrt(11 * (1 + 1 / 12.0) / 4.5748) * Math.sqrt(1200 / 11.0);
        assertEquals(120 - margin, limits.minimum(), 0.01);
        assertEquals(120 + margin, limits.maximum(), 0.01);
    }

    @Test
    void limitsLeaveATolerance() {
        double[] brightness = new double[12];
        Arrays.fill(brightness, 120);
        Map<Measure, Limits> limits = NormalImages.range(images(brightness)).limits();
        assertEquals(new Limits(115, 125), limits.get(Measure.BRIGHTNESS));
        assertEquals(200 * 1.1, limits.get(Measure.SIZE).maximum(), 1e-9);
        assertEquals(2 / 1.05, limits.get(Measure.ASPECT_RATIO).minimum(), 1e-9);
    }

    private static List<ImageConditions> images(double[] brightness) {
        return IntStream.range(0, brightness.length)
                .mapToObj(i -> new ImageConditions(
                                new HashMap<>(Map.of(Measure.BRIGHTNESS, brightness[i], Measure.SHARPNESS, 50.0)))
                        .withSize(200, 100))
                .toList();
    }

    @Test
    void fewImagesHaveNoRange() {
        assertNull(NormalImages.range(normal.subList(0, NormalImages.FEWEST - 1), PREPROCESSING, 2, Progress.NONE));
    }
}
