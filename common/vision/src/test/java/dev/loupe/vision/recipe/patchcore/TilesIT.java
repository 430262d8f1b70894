package dev.loupe.vision.recipe.patchcore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnParts;
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
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small dots on large plates, which hardly remain when the image is reduced to the size of the backbone. */
class TilesIT {
    private static final int SIDE = 448;
    private static final int DOT = 2;
    private static final int BACKBONE_SIDE = 160;

    @TempDir
    Path folder;

    private final Random random = new Random(9);

    private List<TrainingImage> images() throws IOException {
        List<TrainingImage> images = new ArrayList<>();
        for (TrainingImage plate : DrawnParts.draw(folder.resolve("plates"), SIDE, 16, 0, 0)) {
            images.add(plate);
        }
        List<TrainingImage> more = DrawnParts.draw(folder.resolve("more"), SIDE, 32, 0, 0);
        for (int i = 0; i < more.size(); i++) {
            Path file = more.get(i).file();
            String label = i % 2 == 0 ? DrawnParts.NORMAL : DrawnParts.ABNORMAL;
            Split split = i < 12 ? Split.DEV : Split.TEST;
            if (i % 2 == 1) {
                dot(file);
            }
            images.add(new TrainingImage(label + i, file, label, split));
        }
        return images;
    }

    private void dot(Path file) throws IOException {
        BufferedImage image = ImageIO.read(file.toFile());
        int left = 20 + random.nextInt(SIDE - 40);
        int top = 20 + random.nextInt(SIDE - 40);
        for (int y = top; y < top + DOT; y++) {
            for (int x = left; x < left + DOT; x++) {
                image.setRGB(x, y, 0x707070);
            }
        }
        ImageIO.write(image, "png", file.toFile());
    }

    private TrainedModel train(List<TrainingImage> images, Map<String, Object> parameters) throws IOException {
        TrainingJob job = new TrainingJob(
                images,
                List.of(DrawnParts.NORMAL, DrawnParts.ABNORMAL),
                Scattering.backbone(BACKBONE_SIDE),
                7,
                2,
                Files.createTempDirectory(folder, "work"),
                Progress.NONE,
                Checkpoints.NONE);
        return new PatchCoreRecipe().train(job, parameters);
    }

    @Test
    void tilesFindWhatTheReducedImageHides() throws IOException {
        List<TrainingImage> images = images();
        double whole = train(images, Map.of()).metrics().get("auroc");
        TrainedModel tiled = train(images, Map.of("tiles", 3));

        assertEquals(3 * (BACKBONE_SIDE - 64) + 64, tiled.preprocessing().width());
        double found = tiled.metrics().get("auroc");
        assertTrue(found >= 0.9 && whole <= found - 0.1, "with tiles " + found + ", without " + whole);
    }
}
