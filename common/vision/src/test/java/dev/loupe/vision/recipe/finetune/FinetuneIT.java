package dev.loupe.vision.recipe.finetune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.classification.NonFiniteLossException;
import dev.loupe.vision.recipe.transfer.TransferRecipe;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.KillingCheckpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.RandomKills;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs on noise: a bright one is to the left or to the right of a dark one. */
class FinetuneIT {
    private static final List<String> LABELS = List.of("left", "right");
    private static final int SIDE = 32;
    private static final int TRAIN = 240;
    private static final int DEV = 80;
    private static final int TEST = 80;

    @TempDir
    static Path folder;

    private static List<TrainingImage> images;

    @BeforeAll
    static void draw() throws IOException {
        images = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < TRAIN + DEV + TEST; i++) {
            Path file = folder.resolve(i + ".png");
            ImageIO.write(blobs(i % 2 == 0, random), "png", file.toFile());
            Split split = i < TRAIN ? Split.TRAIN : i < TRAIN + DEV ? Split.DEV : Split.TEST;
            images.add(new TrainingImage(i + ".png", file, LABELS.get(i % 2), split));
        }
    }

    private static BufferedImage blobs(boolean brightIsLeft, Random random) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        int left = 2 + random.nextInt(SIDE - 16);
        int top = 2 + random.nextInt(SIDE - 10);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                boolean row = y >= top && y < top + 6;
                int sign = row && x >= left && x < left + 6 ? 1 : row && x >= left + 6 && x < left + 12 ? -1 : 0;
                int grey = Math.clamp(
                        Math.round(128 + 50 * (brightIsLeft ? sign : -sign) + 25 * random.nextGaussian()), 0, 255);
                image.setRGB(x, y, grey << 16 | grey << 8 | grey);
            }
        }
        return image;
    }

    @Test
    void fineTuningBeatsTheFrozenHeadOnARandomBackbone() throws IOException {
        TrainedModel frozen = new TransferRecipe().train(job(backbone("Relu"), Progress.NONE, Checkpoints.NONE));
        List<Map<String, Double>> reports = new ArrayList<>();
        List<Long> totals = new ArrayList<>();
        Progress progress = new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {
                if (phase.equals("train")) {
                    reports.add(metrics);
                    totals.add(total);
                }
            }

            @Override
            public boolean cancelled() {
                return false;
            }
        };
        TrainedModel tuned = new FinetuneRecipe()
                .train(job(backbone("Relu"), progress, Checkpoints.NONE), parameters(2, 20, Map.of()));

        double before = frozen.metrics().get("accuracy");
        double after = tuned.metrics().get("accuracy");
        System.out.println("frozen " + before + ", tuned " + after);
        assertTrue(after >= .9 && after > before + .1, before + ", " + after);
        assertEquals(82, totals.getFirst());
        // What is served is as good on DEV as the best epoch was in training.
        double best = reports.stream()
                .mapToDouble(report -> report.get("devAccuracy"))
                .max()
                .orElseThrow();
        assertEquals(best, tuned.devMetrics().get("accuracy"), 1e-9);
    }

    @Test
    void resumesInEachStageToTheSameWeights() throws IOException {
        Map<String, Object> parameters =
                parameters(3, 3, Map.of("headEpochs", 3, "freezeStatistics", false, "averageDecay", .9));
        byte[] expected = Files.readAllBytes(new FinetuneRecipe()
                .train(job(backbone("Relu"), Progress.NONE, Checkpoints.NONE), parameters)
                .onnx());
        for (String killedAt : List.of("epoch 1", "stage 2 epoch 3", "stage 3 epoch 2")) {
            KillingCheckpoints kept = new KillingCheckpoints(Files.createTempDirectory(folder, "kept"));
            kept.killAt(killedAt);
            TrainingJob job = job(backbone("Relu"), Progress.NONE, kept);
            assertThrows(KillingCheckpoints.Killed.class, () -> new FinetuneRecipe().train(job, parameters));
            TrainedModel resumed = new FinetuneRecipe().train(job(backbone("Relu"), Progress.NONE, kept), parameters);
            assertEquals(killedAt, resumed.resumedFrom());
            assertArrayEquals(expected, Files.readAllBytes(resumed.onnx()), killedAt);
        }
    }

    @Test
    void tenKillsAtRandomStepsLeaveTheWeightsOfTheUnbrokenTraining() throws IOException {
        Map<String, Object> parameters =
                parameters(4, 4, Map.of("headEpochs", 2, "freezeStatistics", false, "averageDecay", .9));
        byte[] expected = Files.readAllBytes(new FinetuneRecipe()
                .train(job(backbone("Relu"), Progress.NONE, Checkpoints.NONE), parameters)
                .onnx());
        KillingCheckpoints kept = new KillingCheckpoints(Files.createTempDirectory(folder, "kept"));
        TrainedModel resumed = new RandomKills(7, 20)
                .train(10, progress -> new FinetuneRecipe().train(job(backbone("Relu"), progress, kept), parameters));
        assertArrayEquals(expected, Files.readAllBytes(resumed.onnx()));
    }

    @Test
    void withoutEpochsForTheBackboneTheModelIsTheFrozenOne() throws IOException {
        TrainedModel frozen = new TransferRecipe().train(job(backbone("Relu"), Progress.NONE, Checkpoints.NONE));
        TrainedModel same = new FinetuneRecipe()
                .train(job(backbone("Relu"), Progress.NONE, Checkpoints.NONE), parameters(0, 0, Map.of()));
        assertEquals(frozen.metrics(), same.metrics());
        assertEquals(frozen.testPredictions().keySet(), same.testPredictions().keySet());
        frozen.testPredictions()
                .forEach((id, prediction) -> assertEquals(
                        prediction.score(), same.testPredictions().get(id).score(), 1e-4));
    }

    @Test
    void aLossThatIsNotFiniteEndsTheRun() throws IOException {
        TrainingJob job = job(backbone("Relu"), Progress.NONE, Checkpoints.NONE);
        Map<String, Object> wild = parameters(3, 0, Map.of("headEpochs", 2, "learningRate", 1e38));
        assertThrows(NonFiniteLossException.class, () -> new FinetuneRecipe().train(job, wild));
    }

    @Test
    void anOperatorThatCanNotBeTrainedThroughIsNamedBeforeTraining() throws IOException {
        List<String> phases = new ArrayList<>();
        Progress progress = new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {
                phases.add(phase);
            }

            @Override
            public boolean cancelled() {
                return false;
            }
        };
        TrainingJob job = job(backbone("Round"), progress, Checkpoints.NONE);
        InvalidOnnxException refusal = assertThrows(InvalidOnnxException.class, () -> new FinetuneRecipe().train(job));
        assertTrue(refusal.getMessage().contains("Round (2 nodes)"), refusal.getMessage());
        assertEquals(List.of(), phases);
    }

    /** Two convolutions with batch normalisation and random weights. */
    private static Backbone backbone(String activation) {
        OnnxGraph graph = OnnxGraph.create("random");
        Random random = new Random(1);
        String value = graph.input("image", -1, 3, SIDE, SIDE);
        int in = 3;
        for (int out : new int[] {8, 12}) {
            value = graph.node(
                    "Conv",
                    List.of(value, graph.floats("kernel", normal(random, out * in * 25, in * 25), out, in, 5, 5)),
                    OnnxAttribute.of("strides", new long[] {2, 2}),
                    OnnxAttribute.of("pads", new long[] {2, 2, 2, 2}));
            float[] zeros = new float[out];
            float[] ones = new float[out];
            java.util.Arrays.fill(ones, 1);
            value = graph.node(
                    "BatchNormalization",
                    List.of(
                            value,
                            graph.floats("gamma", ones, out),
                            graph.floats("beta", zeros, out),
                            graph.floats("mean", zeros, out),
                            graph.floats("variance", ones, out)));
            value = graph.node(activation, List.of(value));
            in = out;
        }
        graph.output(graph.reduce("ReduceMean", value, false, 2, 3), "pooled", -1, in);
        return Backbone.of("random", graph.toBytes(), 255, new float[] {.5f, .5f, .5f}, new float[] {.25f, .25f, .25f});
    }

    private static float[] normal(Random random, int size, int fanIn) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (Math.sqrt(2.0 / fanIn) * random.nextGaussian());
        }
        return values;
    }

    private static Map<String, Object> parameters(int lastEpochs, int allEpochs, Map<String, Object> more) {
        Map<String, Object> parameters = new HashMap<>(Map.of("flipHorizontal", false, "learningRate", .01));
        parameters.putAll(Map.of("lastEpochs", lastEpochs, "allEpochs", allEpochs, "patience", 100));
        parameters.putAll(Map.of("lastLayers", .5, "firstLayerRate", .5));
        parameters.putAll(more);
        return parameters;
    }

    private static TrainingJob job(Backbone backbone, Progress progress, Checkpoints checkpoints) throws IOException {
        return new TrainingJob(
                images, LABELS, backbone, 7, 1, Files.createTempDirectory(folder, "work"), progress, checkpoints);
    }
}
