package dev.loupe.vision.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.AnomalyMap;
import dev.loupe.imaging.Heatmap;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnParts;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TestHeatmaps;
import dev.loupe.vision.training.TestPrediction;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The heatmap of an abnormal image has a coloured place, that of a normal one none, whatever the score is made of. */
class DetectorHeatmapsIT {
    private static final int SIDE = 128;

    @TempDir
    Path folder;

    @Test
    void aHeatmapIsColouredJustIfTheImageIsAbnormal() throws IOException {
        List<TrainingImage> images = DrawnParts.draw(folder, SIDE, 16, 8, 10);
        // The control: how many heatmaps say otherwise if the map is drawn on a scale of its own.
        int otherwise = 0;
        for (Map<String, Object> variant : variants()) {
            String recipe = (String) variant.remove("recipe");
            TrainingJob job = new TrainingJob(
                    images,
                    List.of(DrawnParts.NORMAL, DrawnParts.ABNORMAL),
                    Scattering.backbone(64),
                    7,
                    2,
                    Files.createTempDirectory(folder, "work"),
                    Progress.NONE,
                    Checkpoints.NONE);
            TrainedModel model =
                    Recipes.require(recipe, getClass().getClassLoader()).train(job, variant);
            int abnormal = 0;
            try (Predictor predictor = model.predictor()) {
                for (TrainingImage image : job.images(Split.TEST)) {
                    TestPrediction answer = model.testPredictions().get(image.id());
                    boolean isAbnormal = answer.predicted().equals(DrawnParts.ABNORMAL);
                    abnormal += isAbnormal ? 1 : 0;
                    byte[] drawn = Files.readAllBytes(TestHeatmaps.file(job.workFolder(), image.id()));
                    assertEquals(isAbnormal, isColoured(drawn), recipe + variant + " " + image.id());
                    AnomalyPrediction prediction = (AnomalyPrediction) predictor
                            .predict(List.of(Files.readAllBytes(image.file())))
                            .getFirst();
                    AnomalyMap map = prediction.map(predictor.preprocessing().geometry(SIDE, SIDE));
                    for (double near : new double[] {0.95, 1.05}) {
                        double threshold = near * prediction.score();
                        assertEquals(
                                near < 1,
                                isColoured(Heatmap.overlay(map, threshold, SIDE, SIDE, prediction.score())),
                                recipe + variant + " " + image.id());
                        otherwise += isColoured(Heatmap.overlay(map, threshold, SIDE, SIDE)) == near < 1 ? 0 : 1;
                    }
                }
            }
            assertTrue(abnormal > 0 && abnormal < job.images(Split.TEST).size(), recipe + variant);
        }
        assertTrue(otherwise > 20, "on scales of their own, only " + otherwise + " heatmaps contradict the decision");
    }

    private static List<Map<String, Object>> variants() {
        List<Map<String, Object>> variants = new ArrayList<>();
        for (String recipe : List.of("patchcore", "padim", "gaussian")) {
            for (String score : List.of("max", "top-percent")) {
                if (!recipe.equals("gaussian") || score.equals("max")) {
                    Map<String, Object> variant = new HashMap<>(Map.of("recipe", recipe, "backbone", "scattering"));
                    if (!recipe.equals("gaussian")) {
                        variant.put("score", score);
                    }
                    variants.add(variant);
                }
            }
        }
        return variants;
    }

    private static boolean isColoured(byte[] png) throws IOException {
        BufferedImage overlay = ImageIO.read(new ByteArrayInputStream(png));
        for (int y = 0; y < overlay.getHeight(); y++) {
            for (int x = 0; x < overlay.getWidth(); x++) {
                if (overlay.getRGB(x, y) >>> 24 != 0) {
                    return true;
                }
            }
        }
        return false;
    }
}
