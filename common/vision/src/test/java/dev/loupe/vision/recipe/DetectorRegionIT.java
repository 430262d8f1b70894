package dev.loupe.vision.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.training.NearestNormal;
import dev.loupe.imaging.ImagePreparation.Fit;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnParts;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TestHeatmaps;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Detectors that look at a part of the image, or keep its aspect ratio, on parts beside a belt that is never the same. */
class DetectorRegionIT {
    private static final int SIDE = 96;
    private static final int BELT = 64;
    private static final double MARGIN = (double) BELT / (BELT + SIDE);

    @TempDir
    Path folder;

    /** The parts of {@link DrawnParts}, to the right of a belt; their masks likewise. */
    private List<TrainingImage> images(boolean belt) throws IOException {
        List<TrainingImage> images = new ArrayList<>();
        Random random = new Random(3);
        for (TrainingImage part : DrawnParts.draw(folder.resolve("parts"), SIDE, 24, 6, 10)) {
            Path file = beside(part.file(), belt, random);
            Path mask = part.mask() == null ? null : beside(part.mask(), false, random);
            images.add(new TrainingImage(part.id(), file, part.label(), part.split(), part.defect(), mask));
        }
        return images;
    }

    private Path beside(Path part, boolean belt, Random random) throws IOException {
        BufferedImage drawn = ImageIO.read(part.toFile());
        BufferedImage wide = new BufferedImage(BELT + SIDE, SIDE, drawn.getType());
        if (belt) {
            for (int blot = 0; blot < 12; blot++) {
                wide.getGraphics().fillRect(random.nextInt(BELT - 20), random.nextInt(SIDE), 20, 3);
            }
        }
        wide.getGraphics().drawImage(drawn, BELT, 0, null);
        Path file = Files.createDirectories(folder.resolve("wide" + belt)).resolve(part.getFileName());
        ImageIO.write(wide, "png", file.toFile());
        return file;
    }

    private TrainedModel train(String recipe, List<TrainingImage> images, Map<String, Object> parameters)
            throws IOException {
        TrainingJob job = new TrainingJob(
                images,
                List.of(DrawnParts.NORMAL, DrawnParts.ABNORMAL),
                Scattering.backbone(SIDE),
                7,
                2,
                Files.createTempDirectory(folder, "work"),
                Progress.NONE,
                Checkpoints.NONE);
        return Recipes.require(recipe, getClass().getClassLoader()).train(job, parameters);
    }

    @ParameterizedTest
    @ValueSource(strings = {"patchcore", "padim", "gaussian"})
    void aMarginIsNeitherLearnedNorEvaluated(String recipe) throws IOException {
        Map<String, Object> region = Map.of("marginLeft", MARGIN);
        TrainedModel restless = train(recipe, images(true), region);
        TrainedModel empty = train(recipe, images(false), region);

        assertEquals(MARGIN, restless.preprocessing().preparation().margins().left());
        assertEquals(empty.metrics(), restless.metrics());
        assertTrue(restless.metrics().get("auroc") >= 0.95, restless.metrics().toString());
        assertTrue(
                restless.metrics().get("pixelAuroc") >= 0.9, restless.metrics().toString());
    }

    /** The control: what a region is for. */
    @Test
    void aBeltDisturbsADetectorOfWholeImages() throws IOException {
        TrainedModel whole = train("patchcore", images(true), Map.of());

        assertTrue(whole.metrics().get("auroc") < 0.9, whole.metrics().toString());
    }

    @Test
    void heatmapsAndNearestPlacesLieOnTheImage() throws IOException {
        List<TrainingImage> images = images(true);
        TrainedModel model = train("patchcore", images, Map.of("marginLeft", MARGIN));
        for (TrainingImage image : images) {
            if (image.split() == Split.TEST && !image.label().equals(DrawnParts.NORMAL)) {
                liesOnTheImage(model, image);
            }
        }
    }

    private static void liesOnTheImage(TrainedModel model, TrainingImage image) throws IOException {
        isPaintedBetween(BELT, BELT + SIDE, model, image);
        NearestNormal nearest = model.testPredictions().get(image.id()).nearest();
        assertTrue(nearest.place().left() >= MARGIN - 1e-9, nearest.toString());
        assertTrue(nearest.normalPlace().left() >= MARGIN - 1e-9, nearest.toString());
        assertEquals(3.0 / (SIDE / 8) * (1 - MARGIN), nearest.place().width(), 0.06, nearest.toString());
    }

    private static void isPaintedBetween(int left, int right, TrainedModel model, TrainingImage image)
            throws IOException {
        BufferedImage heatmap = ImageIO.read(
                TestHeatmaps.file(model.onnx().getParent(), image.id()).toFile());
        assertEquals(BELT + SIDE, heatmap.getWidth());
        assertEquals(SIDE, heatmap.getHeight());
        int inside = 0;
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < BELT + SIDE; x++) {
                boolean painted = heatmap.getRGB(x, y) >>> 24 != 0;
                if (x < left || x >= right) {
                    assertFalse(painted, image.id() + ": painted at " + x + ", " + y);
                } else if (painted) {
                    inside++;
                }
            }
        }
        boolean anomalous = model.testPredictions().get(image.id()).predicted().equals(DrawnParts.ABNORMAL);
        assertEquals(anomalous, inside > 0, image.id() + ": " + inside + " pixels are painted");
    }

    @Test
    void aPaddedImageIsEvaluatedAsAWhole() throws IOException {
        TrainedModel model = train("patchcore", images(false), Map.of("fit", "pad"));

        assertEquals(Fit.PAD, model.preprocessing().preparation().fit());
        assertTrue(model.metrics().get("auroc") >= 0.9, model.metrics().toString());
        assertTrue(model.metrics().get("pixelAuroc") >= 0.8, model.metrics().toString());
    }

    @Test
    void ofACroppedImageTheMiddleIsEvaluated() throws IOException {
        List<TrainingImage> images = images(false);
        TrainedModel model = train("patchcore", images, Map.of("fit", "crop"));

        for (TrainingImage image : images) {
            if (image.split() == Split.TEST) {
                isPaintedBetween(BELT / 2, BELT / 2 + SIDE, model, image);
            }
        }
    }
}
