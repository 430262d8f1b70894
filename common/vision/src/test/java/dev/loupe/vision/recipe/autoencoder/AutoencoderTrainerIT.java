package dev.loupe.vision.recipe.autoencoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import dev.loupe.vision.anomaly.AnomalyRecipeContract;
import dev.loupe.vision.net.Layer.Convolution;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.FolderCheckpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AutoencoderTrainerIT extends AnomalyRecipeContract {
    private static final int EPOCHS = 60;

    @Override
    protected TrainedModel train(TrainingJob job) {
        return recipe().train(job, Map.of("imageSize", SIDE, "epochs", EPOCHS, "code", 4, "batchSize", 4));
    }

    @Override
    protected Backbone backbone() {
        return null;
    }

    @Override
    protected TrainingRecipe<?> recipe() {
        return new AutoencoderRecipe();
    }

    @Test
    void cancelledInTheMiddleItGoesOnToTheSameModel() throws IOException {
        Checkpoints checkpoints = new FolderCheckpoints(folder.resolve("checkpoints"));
        TrainingJob first = job(images, cancelledAfterEpoch(7), checkpoints);
        assertThrows(CancelledException.class, () -> train(first));

        TrainedModel resumed = train(job(images, Progress.NONE, checkpoints));
        assertEquals("epoch 7", resumed.resumedFrom());
        assertEquals(-1, Files.mismatch(model.onnx(), resumed.onnx()));
        assertEquals(model.metrics(), resumed.metrics());
    }

    /** A network that returns half of its input: the error of a pixel is half the length of its colour. */
    @Test
    void theMapIsTheDistanceOfPixelsFromTheirReconstruction() {
        int side = 32;
        Net half = new Net(List.of(new Convolution(3, 3, 1, 1, 0, 1, true)));
        float[] kernel = {.5f, 0, 0, 0, .5f, 0, 0, 0, .5f};
        Preprocessing preprocessing = new Preprocessing(side, side, 1, new float[3], new float[] {1, 1, 1});
        byte[] onnx = AutoencoderTrainer.onnx(
                half, List.of(kernel, new float[3]), preprocessing, AutoencoderParameters.DEFAULTS);
        float[] image = new float[3 * side * side];
        Arrays.fill(image, 0, side * side, 6);
        Arrays.fill(image, side * side, 2 * side * side, 8);
        try (OnnxSession session = new OnnxSession(onnx, 1)) {
            List<Tensor> outputs = session.run(
                    image, new long[] {1, 3, side, side}, List.of(Predictor.ANOMALY_SCORE, Predictor.ANOMALY_MAP));
            assertEquals(5, outputs.getFirst().values()[0], 1e-5);
            for (float value : outputs.getLast().values()) {
                assertEquals(5, value, 1e-5);
            }
        }
    }
}
