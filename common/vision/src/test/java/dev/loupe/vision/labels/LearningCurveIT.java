package dev.loupe.vision.labels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.training.LearningCurve;
import dev.loupe.contracts.training.LearningCurve.Point;
import dev.loupe.contracts.training.Skipped.Reason;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnStripes;
import dev.loupe.vision.recipe.transfer.Descriptions;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether more images help, of drawn images. */
class LearningCurveIT {
    @TempDir
    static Path folder;

    private static List<TrainingImage> images;

    @BeforeAll
    static void draw() throws IOException {
        images = DrawnStripes.images(folder, 160, 80, 20);
    }

    private static LearningCurve measure(List<TrainingImage> of) {
        TrainingJob job = new TrainingJob(
                of, DrawnStripes.LABELS, Scattering.backbone(64), 3, 2, folder, Progress.NONE, Checkpoints.NONE);
        return LearningCurveCheck.of(job, () -> Descriptions.afterTraining(job));
    }

    private static List<TrainingImage> withShuffledLabels() {
        Random random = new Random(1);
        return images.stream()
                .map(image -> new TrainingImage(
                        image.id(), image.file(), DrawnStripes.LABELS.get(random.nextInt(2)), image.split()))
                .toList();
    }

    @Test
    void easyImagesNeedNoMore() {
        LearningCurve curve = measure(images);
        assertNull(curve.skipped());
        assertEquals(
                List.of(20, 40, 80, 160),
                curve.points().stream().map(Point::images).toList());
        assertEquals(80, curve.devImages());
        assertEquals("scattering", curve.backbone());
        Point all = curve.points().getLast();
        assertTrue(all.accuracy().value() >= 0.95, all.toString());
        assertTrue(all.accuracy().low() <= all.accuracy().value(), all.toString());
        assertTrue(curve.gainOfDoubling().value() < 0.01, curve.toString());
        assertTrue(curve.gainOfDoubling().low() >= 0, curve.toString());
        assertNotNull(curve.sufficientImages());
        assertTrue(curve.sufficientImages() <= 320, curve.toString());
    }

    /** The control: labels that have nothing to do with the images cannot be learned, however many there are. */
    @Test
    void shuffledLabelsStayAtChance() {
        LearningCurve curve = measure(withShuffledLabels());
        double accuracy = curve.points().getLast().accuracy().value();
        assertTrue(accuracy > 0.3 && accuracy < 0.7, curve.toString());
    }

    @Test
    void tooFewImagesAreNotMeasured() {
        LearningCurve fewTrain = measure(images.subList(130, 240)); // 15 of each class in TRAIN
        assertEquals(Reason.TOO_FEW_IMAGES, fewTrain.skipped().reason());
        LearningCurve fewDev = measure(images.subList(0, 179)); // 19 in DEV
        assertEquals(Reason.TOO_FEW_IMAGES, fewDev.skipped().reason());
        assertTrue(
                fewDev.skipped().message().endsWith("got 80 and 19"),
                fewDev.skipped().message());
        assertEquals(List.of(), fewDev.points());
    }

    @Test
    void testImagesAreNotUsed() {
        List<TrainingImage> withoutTest =
                images.stream().filter(image -> image.split() != Split.TEST).toList();
        assertEquals(measure(withoutTest), measure(images));
    }
}
