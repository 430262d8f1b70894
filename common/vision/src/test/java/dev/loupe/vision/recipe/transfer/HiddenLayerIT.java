package dev.loupe.vision.recipe.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnStripes;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.KillingCheckpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HiddenLayerIT {
    private static final Map<String, Object> WITH_HIDDEN_LAYER =
            Map.of("epochs", 8, "batchSize", 16, "hidden", 24, "imbalance", "weights");

    @TempDir
    Path folder;

    @Test
    void aModelWithAHiddenLayerAnswersAsItWasMeasured() throws IOException {
        TrainedModel model = train(Checkpoints.NONE);
        assertTrue(model.metrics().get("accuracy") >= .9, model.metrics().toString());
        try (Predictor predictor = new Predictor(
                Files.readAllBytes(model.onnx()),
                Task.CLASSIFICATION,
                model.preprocessing(),
                DrawnStripes.LABELS,
                null,
                1)) {
            for (TrainingImage image : DrawnStripes.images(folder)) {
                if (image.split() == Split.TEST) {
                    ClassPrediction served = (ClassPrediction) predictor
                            .predict(List.of(Files.readAllBytes(image.file())))
                            .getFirst();
                    assertEquals(model.testPredictions().get(image.id()).score(), served.score(), 1e-4);
                }
            }
        }
    }

    @Test
    void aTrainingThatWasKilledEndsWithTheSameModel() throws IOException {
        TrainedModel whole = train(Checkpoints.NONE);
        KillingCheckpoints kept = new KillingCheckpoints(folder.resolve("kept"));
        kept.killAt("epoch 4");
        assertThrows(KillingCheckpoints.Killed.class, () -> train(kept));

        TrainedModel resumed = train(kept);

        assertEquals("epoch 4", resumed.resumedFrom());
        assertArrayEquals(Files.readAllBytes(whole.onnx()), Files.readAllBytes(resumed.onnx()));
    }

    private TrainedModel train(Checkpoints checkpoints) throws IOException {
        TrainingJob job = new TrainingJob(
                DrawnStripes.images(folder),
                DrawnStripes.LABELS,
                Scattering.backbone(64),
                7,
                1,
                Files.createTempDirectory(folder, "work"),
                Progress.NONE,
                checkpoints);
        return new TransferRecipe().train(job, WITH_HIDDEN_LAYER);
    }
}
