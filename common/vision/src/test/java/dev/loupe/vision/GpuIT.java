package dev.loupe.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import dev.loupe.contracts.Split;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.model.onnx.ComputeDevice;
import dev.loupe.vision.net.RandomBackbones;
import dev.loupe.vision.net.Torch;
import dev.loupe.vision.recipe.Recipes;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the CPU computes, on a GPU. It needs one, and the libraries that {@code docs/guides/native.md} names. */
@Tag("gpu")
class GpuIT {
    private static final Map<String, String> CPU = Map.of(ComputeDevice.VARIABLE, "cpu");

    @TempDir
    Path folder;

    @BeforeAll
    static void skipWithoutGpu() {
        assumeTrue(
                "gpu".equals(System.getenv(ComputeDevice.VARIABLE)),
                "skipped: needs a GPU, and LOUPE_DEVICE=gpu in the environment");
    }

    @AfterEach
    void cpuForTheOtherTests() {
        ComputeDevice.choose(CPU);
    }

    @Test
    void bothLibrariesComputeOnTheGpu() {
        assertTrue(ComputeDevice.choose(System.getenv()).onnxOnGpu());
        try (NDManager manager = Torch.newManager()) {
            assertTrue(manager.getDevice().isGpu(), manager.getDevice().toString());
        }
    }

    @Test
    void featuresAreThoseOfTheCpu() throws IOException {
        for (Backbone backbone : List.of(Scattering.backbone(64), RandomBackbones.mobileNet(3))) {
            ComputeDevice.choose(CPU);
            List<float[]> expected = features(backbone);
            ComputeDevice.choose(System.getenv());
            List<float[]> actual = features(backbone);
            for (int i = 0; i < expected.size(); i++) {
                assertArrayEquals(expected.get(i), actual.get(i), 1e-3f, backbone.name());
            }
        }
    }

    @Test
    void aModelThatLearnedOnTheGpuIsServedOnTheCpuWithTheSameScores() throws IOException {
        List<TrainingImage> images = DrawnStripes.images(folder);
        for (String recipe : List.of("scratch", "transfer")) {
            ComputeDevice.choose(System.getenv());
            TrainedModel model = Recipes.require(recipe, getClass().getClassLoader())
                    .train(
                            new TrainingJob(
                                    images,
                                    DrawnStripes.LABELS,
                                    Scattering.backbone(64),
                                    7,
                                    1,
                                    Files.createTempDirectory(folder, "work"),
                                    Progress.NONE,
                                    Checkpoints.NONE),
                            Map.of("epochs", 20));
            assertTrue(model.metrics().get("accuracy") >= 0.9, recipe + " " + model.metrics());
            ComputeDevice.choose(CPU);
            try (Predictor predictor = model.predictor()) {
                for (TrainingImage image : images) {
                    if (image.split() == Split.TEST) {
                        ClassPrediction served = (ClassPrediction) predictor
                                .predict(List.of(Files.readAllBytes(image.file())))
                                .getFirst();
                        assertEquals(model.testPredictions().get(image.id()).score(), served.score(), 1e-4, recipe);
                    }
                }
            }
        }
    }

    private List<float[]> features(Backbone backbone) throws IOException {
        List<float[]> features = new ArrayList<>();
        try (FeatureExtractor extractor =
                new FeatureExtractor(backbone.onnx(), backbone.preprocessing(), List.of("pooled"), 2)) {
            extractor.extract(
                    DrawnStripes.images(folder), "features", Progress.NONE, (_, each) -> features.add(each.getFirst()));
        }
        return features;
    }
}
