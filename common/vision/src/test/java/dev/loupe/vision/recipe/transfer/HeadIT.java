package dev.loupe.vision.recipe.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.loupe.contracts.Split;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.classification.FeatureExamples;
import dev.loupe.vision.classification.TrainingCheckpoints;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.net.NetBlock;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.KillingCheckpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stripes that lie or stand, of two colours of equal brightness. */
class HeadIT {
    private static final int SIDE = 32;
    private static final int IMAGES = 400;
    private static final int TRAIN = 240;
    private static final int DEV = 80;
    private static final List<String> LABELS = List.of("no", "yes");
    private static final Color RED = new Color(180, 100, 100);
    private static final Color GREEN = new Color(100, 141, 100);

    @TempDir
    static Path folder;

    @BeforeAll
    static void draw() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < IMAGES; i++) {
            ImageIO.write(stripes(lies(i), i / 2 % 2 == 0, random), "png", file(i).toFile());
        }
    }

    private static boolean lies(int image) {
        return image % 2 == 0;
    }

    private static Path file(int image) {
        return folder.resolve(image + ".png");
    }

    private static BufferedImage stripes(boolean lying, boolean red, Random random) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setColor(red ? RED : GREEN);
        int pitch = 6 + random.nextInt(4);
        for (int at = random.nextInt(pitch); at < SIDE; at += pitch) {
            if (lying) {
                pen.fillRect(0, at, SIDE, pitch / 2);
            } else {
                pen.fillRect(at, 0, pitch / 2, SIDE);
            }
        }
        pen.dispose();
        return image;
    }

    @Test
    void hiddenLayerLearnsWhatALinearHeadCannot() throws IOException {
        double linear = train(exclusive(), Map.of(), Checkpoints.NONE).metrics().get("accuracy");
        double hidden = train(exclusive(), Map.of("hidden", 32), Checkpoints.NONE)
                .metrics()
                .get("accuracy");

        assertTrue(linear <= .7, "linear head: accuracy " + linear);
        assertTrue(hidden >= .95, "hidden layer: accuracy " + hidden);
    }

    @Test
    void graphComputesWhatTheTrainedHeadComputes() throws IOException {
        TransferParameters parameters = parameters(Map.of("hidden", 16, "dropout", .5, "epochs", 10));
        TrainingJob job = job(exclusive(), new KillingCheckpoints(Files.createTempDirectory(folder, "kept")));
        TrainedModel model = new TransferRecipe().train(job, parameters);
        TrainingCheckpoints saved = new TrainingCheckpoints(job.checkpoints(), job.workFolder());
        Descriptions descriptions = new Descriptions(job, saved);
        FeatureExamples dev = descriptions.examples(Split.DEV);
        Net head = parameters.head(dev.length(), LABELS.size());
        List<float[]> weights = saved.stateOr(head.initialWeights(0)).best().weights();

        List<byte[]> images = new ArrayList<>();
        for (TrainingImage image : job.images(Split.DEV)) {
            images.add(Files.readAllBytes(image.file()));
        }
        try (Predictor predictor = model.predictor();
                NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            float[] rows = new float[dev.size() * dev.length()];
            for (int i = 0; i < dev.size(); i++) {
                dev.write(i, null, rows, i * dev.length());
            }
            Shape shape = new Shape(dev.size(), dev.length());
            float[] expected = new NetBlock(head, weights, shape, manager)
                    .forward(manager.create(rows, shape), false)
                    .softmax(1)
                    .toFloatArray();
            for (int i = 0; i < dev.size(); i++) {
                float[] actual = ((ClassPrediction)
                                predictor.predict(List.of(images.get(i))).getFirst())
                        .probabilities();
                assertArrayEquals(new float[] {expected[2 * i], expected[2 * i + 1]}, actual, 1e-4f);
            }
        }
    }

    @Test
    void resumedTrainingGivesTheModelOfTheUnbrokenOne() throws IOException {
        Map<String, Object> given = Map.of("hidden", 16, "dropout", .5, "imbalance", "sampling", "epochs", 8);
        byte[] expected =
                Files.readAllBytes(train(exclusive(), given, Checkpoints.NONE).onnx());
        KillingCheckpoints kept = new KillingCheckpoints(Files.createTempDirectory(folder, "kept"));
        kept.killAt("epoch 4");
        assertThrows(KillingCheckpoints.Killed.class, () -> train(exclusive(), given, kept));
        TrainedModel resumed = train(exclusive(), given, kept);

        assertEquals("epoch 4", resumed.resumedFrom());
        assertArrayEquals(expected, Files.readAllBytes(resumed.onnx()));
    }

    @ParameterizedTest
    @CsvSource({"none, 0, .1", "weights, .9, 1", "sampling, .9, 1"})
    void rareClassIsPredictedIfItsImagesCountMore(String imbalance, double least, double most) throws IOException {
        TrainedModel model = train(rare(), Map.of("imbalance", imbalance, "learningRate", .03), Checkpoints.NONE);
        double standing = share(model, false);

        assertTrue(standing >= least && standing <= most, "share of standing stripes: " + standing);
        assertTrue(share(model, true) <= .1, "share of lying stripes: " + share(model, true));
    }

    @Test
    void focalLossLeavesOtherWeights() throws IOException {
        Map<String, Object> focal = Map.of("imbalance", "focal", "focalGamma", 5, "epochs", 3);
        float[] other = confidence(train(exclusive(), focal, Checkpoints.NONE));
        float[] plain = confidence(train(exclusive(), Map.of("epochs", 3), Checkpoints.NONE));

        assertTrue(Math.abs(other[0] - plain[0]) > 1e-3, other[0] + ", " + plain[0]);
    }

    /** Share of the TEST images with lying or standing stripes that are predicted to be of the rare class. */
    private static double share(TrainedModel model, boolean lying) {
        return model.testPredictions().entrySet().stream()
                .filter(prediction -> lies(Integer.parseInt(prediction.getKey())) == lying)
                .mapToInt(prediction -> prediction.getValue().predicted().equals("yes") ? 1 : 0)
                .average()
                .orElseThrow();
    }

    private static float[] confidence(TrainedModel model) throws IOException {
        try (Predictor predictor = model.predictor()) {
            return ((ClassPrediction) predictor
                            .predict(List.of(Files.readAllBytes(file(0))))
                            .getFirst())
                    .probabilities();
        }
    }

    /** Lying and red, or standing and green: neither the direction nor the colour alone tells anything. */
    private static List<TrainingImage> exclusive() {
        List<TrainingImage> images = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            Split split = i < TRAIN ? Split.TRAIN : i < TRAIN + DEV ? Split.DEV : Split.TEST;
            boolean yes = lies(i) == (i / 2 % 2 == 0);
            images.add(new TrainingImage(Integer.toString(i), file(i), LABELS.get(yes ? 1 : 0), split));
        }
        return images;
    }

    /**
     * Four images again and again, so that a head can't learn single images by heart: in three of ten cases, those with
     * standing stripes are of the class "yes". Without DEV, the last epoch counts.
     */
    private static List<TrainingImage> rare() {
        List<TrainingImage> images = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            boolean yes = !lies(i) && i / 4 % 10 < 3;
            Split split = i < TRAIN ? Split.TRAIN : Split.TEST;
            images.add(new TrainingImage(Integer.toString(i), file(i % 4), LABELS.get(yes ? 1 : 0), split));
        }
        return images;
    }

    private static TrainedModel train(List<TrainingImage> images, Map<String, Object> given, Checkpoints checkpoints)
            throws IOException {
        return new TransferRecipe().train(job(images, checkpoints), given);
    }

    private static TransferParameters parameters(Map<String, Object> given) {
        TransferParameters defaults = TransferParameters.DEFAULTS;
        return new TransferParameters(
                defaults.backbone(),
                null,
                (int) given.get("epochs"),
                defaults.batchSize(),
                defaults.learningRate(),
                (int) given.get("hidden"),
                (double) given.get("dropout"),
                defaults.balance(),
                defaults.region(),
                defaults.filters());
    }

    private static TrainingJob job(List<TrainingImage> images, Checkpoints checkpoints) throws IOException {
        return new TrainingJob(
                images,
                LABELS,
                Scattering.backbone(SIDE),
                7,
                1,
                Files.createTempDirectory(folder, "work"),
                Progress.NONE,
                checkpoints);
    }
}
