package dev.loupe.vision.recipe.finetune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.vision.DrawnStripes;
import dev.loupe.vision.recipe.Recipes;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks as PyTorch and Keras export them: imported as backbones, trained, and served. */
class ExportedNetworksIT {
    private static final Path NETWORKS = Path.of("../model/src/test/resources/dev/loupe/model/imported");
    private static final float[] HALF = {.5f, .5f, .5f};

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resnet18-opset17",
                "resnet18-opset11-batchnorm",
                "mobilenet_v2-opset17-batchnorm",
                "vgg11-opset17",
                "keras-opset17",
                "keras-opset17-nchw"
            })
    void aNetworkThatWasExportedIsTrainedAndServedAsItWasMeasured(String name) throws IOException {
        Backbone backbone = backbone(name);
        for (Map.Entry<String, Map<String, Object>> recipe : Map.of(
                        "transfer",
                        Map.<String, Object>of("epochs", 3),
                        "finetune",
                        Map.<String, Object>of("headEpochs", 2, "lastEpochs", 1, "allEpochs", 2, "learningRate", 0.01))
                .entrySet()) {
            List<TrainingImage> images = DrawnStripes.images(folder, 16, 8, 8);
            TrainingJob job = new TrainingJob(
                    images,
                    DrawnStripes.LABELS,
                    backbone,
                    7,
                    2,
                    Files.createTempDirectory(folder, "work"),
                    Progress.NONE,
                    Checkpoints.NONE);
            TrainedModel model = Recipes.require(recipe.getKey(), getClass().getClassLoader())
                    .train(job, recipe.getValue());
            try (Predictor predictor = model.predictor()) {
                Set<Float> scores = new HashSet<>();
                for (TrainingImage image : job.images(Split.TEST)) {
                    ClassPrediction served = (ClassPrediction) predictor
                            .predict(List.of(Files.readAllBytes(image.file())))
                            .getFirst();
                    assertEquals(
                            model.testPredictions().get(image.id()).score(), served.score(), 1e-4, recipe.getKey());
                    scores.add(served.score());
                }
                assertTrue(scores.size() > 4, "each image has another score");
            }
        }
    }

    /** Of the same network, one file was exported with the channels first. */
    @Test
    void aNetworkWithTheChannelsLastComputesWhatItComputesWithTheChannelsFirst() throws IOException {
        Backbone last = backbone("keras-opset17");
        Backbone first = backbone("keras-opset17-nchw");
        assertEquals(first.preprocessing().height(), last.preprocessing().height());
        float[] image = new float[2 * 3 * 32 * 32];
        for (int i = 0; i < image.length; i++) {
            image[i] = (float) Math.sin(i * 0.37);
        }
        float[] expected = pooled(first, image);
        float[] actual = pooled(last, image);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], 1e-5f);
        }
    }

    private static float[] pooled(Backbone backbone, float[] images) {
        try (OnnxSession session = new OnnxSession(backbone.onnx(), 1)) {
            return session.run(
                            images,
                            new long[] {2, 3, 32, 32},
                            List.of(backbone.pooled().output()))
                    .getFirst()
                    .values();
        }
    }

    @Test
    void featureMapsWithTheChannelsLastGetThemFirst() {
        OnnxGraph graph = OnnxGraph.create("last");
        graph.output(graph.node("Relu", List.of(graph.input("image", -1, 12, 16, 3))), "map", -1, 12, 16, 3);
        Backbone backbone = Backbone.of("last", graph.toBytes(), 255, HALF, HALF);
        FeatureMap map = backbone.featureMaps().getFirst();
        assertEquals(List.of(3, 12, 16), List.of(map.channels(), map.height(), map.width()));
        float[] image = new float[3 * 12 * 16];
        for (int i = 0; i < image.length; i++) {
            image[i] = i;
        }
        try (OnnxSession session = new OnnxSession(backbone.onnx(), 1)) {
            float[] out = session.run(image, new long[] {1, 3, 12, 16}, List.of(map.output()))
                    .getFirst()
                    .values();
            for (int i = 0; i < image.length; i++) {
                assertEquals(image[i], out[i]);
            }
        }
    }

    private static Backbone backbone(String name) {
        return Backbone.imported(name, NETWORKS.resolve(name + ".onnx"), 255, HALF, HALF);
    }
}
