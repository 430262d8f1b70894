package dev.loupe.vision.recipe.studentteacher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.anomaly.AnomalyRecipeContract;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.FolderCheckpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StudentTeacherTrainerIT extends AnomalyRecipeContract {
    @Override
    protected TrainedModel train(TrainingJob job) {
        return recipe().train(job, Map.of("epochs", 40, "batchSize", 4));
    }

    @Override
    protected Backbone backbone() {
        return Scattering.backbone(SIDE);
    }

    @Override
    protected TrainingRecipe<?> recipe() {
        return new StudentTeacherRecipe();
    }

    @Test
    void cancelledInTheMiddleItGoesOnToTheSameModel() throws IOException {
        Checkpoints checkpoints = new FolderCheckpoints(folder.resolve("checkpoints"));
        TrainingJob first = job(images, cancelledAfterEpoch(5), checkpoints);
        assertThrows(CancelledException.class, () -> train(first));

        TrainedModel resumed = train(job(images, Progress.NONE, checkpoints));
        assertEquals("epoch 5", resumed.resumedFrom());
        assertEquals(-1, Files.mismatch(model.onnx(), resumed.onnx()));
    }

    @Test
    void channelsAreScaledToMeanZeroAndVarianceOne() {
        // The mean of 1, 3, 5, 7 is 4, its variance 5; the second channel never changes.
        List<float[]> images = List.of(new float[] {1, 3, 9, 9}, new float[] {5, 7, 9, 9});
        ChannelScale scale = ChannelScale.of(images, 2, 1e-6);
        float unit = (float) (1 / Math.sqrt(5));
        List<float[]> scaled = scale.apply(images);
        assertArrayEquals(new float[] {-3 * unit, -unit, 0, 0}, scaled.getFirst(), 1e-6f);
        assertArrayEquals(new float[] {unit, 3 * unit, 0, 0}, scaled.getLast(), 1e-6f);
    }
}
