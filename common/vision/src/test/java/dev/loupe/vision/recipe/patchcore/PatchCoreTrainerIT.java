package dev.loupe.vision.recipe.patchcore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.evaluation.EvaluationReport.DefectReport;
import dev.loupe.contracts.evaluation.EvaluationReport.MemoryCurve;
import dev.loupe.contracts.evaluation.EvaluationReport.MemoryPoint;
import dev.loupe.contracts.training.NearestNormal;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.DevScores;
import dev.loupe.model.ModelManifest.DatasetVersion;
import dev.loupe.model.ModelManifest.Lineage;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Prediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnParts;
import dev.loupe.vision.anomaly.ImageScore;
import dev.loupe.vision.anomaly.Layers;
import dev.loupe.vision.evaluation.BinaryMetrics;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.RegionParameters;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.FolderCheckpoints;
import dev.loupe.vision.training.Packager;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TestPrediction;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PatchCoreTrainerIT {
    private static final int SIDE = 96;

    @TempDir
    static Path folder;

    private static List<TrainingImage> images;
    private static TrainedModel model;

    @BeforeAll
    static void trainOnDrawnParts() {
        images = DrawnParts.draw(folder.resolve("images"), SIDE, 16, 6, 10);
        model = new PatchCoreRecipe().train(job(images, Progress.NONE, Checkpoints.NONE));
    }

    private static TrainingJob job(List<TrainingImage> images, Progress progress, Checkpoints checkpoints) {
        try {
            return new TrainingJob(
                    images,
                    List.of(DrawnParts.NORMAL, DrawnParts.ABNORMAL),
                    Scattering.backbone(SIDE),
                    7,
                    2,
                    Files.createTempDirectory(folder, "work"),
                    progress,
                    checkpoints);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static ModelPackage pack() throws IOException {
        return Packager.pack(
                model,
                images,
                new DatasetVersion("d", 1, "digest", "test digest"),
                new Lineage("r", 1, "p", "plates", Map.of(), 7, null, "0.1.0", "2026-11-20T00:00:00Z"),
                Files.createTempDirectory(folder, "package"));
    }

    @Test
    void scratchesAndDentsAreToldFromWholePlates() {
        assertTrue(model.metrics().get("auroc") >= 0.95, model.metrics().toString());
        assertTrue(model.metrics().get("f1") >= 0.85, model.metrics().toString());
        assertNull(model.resumedFrom());
    }

    /** The control: the same scores against truths that have nothing to do with the images. */
    @Test
    void truthsThatHaveNothingToDoWithTheImagesAreNotFound() throws IOException {
        try (Predictor predictor = Predictor.open(pack())) {
            List<TrainingImage> test =
                    images.stream().filter(image -> image.split() == Split.TEST).toList();
            double[] scores = new double[test.size()];
            boolean[] random = new boolean[test.size()];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = score(predictor, test.get(i)).score();
                random[i] = i % 2 == 0;
            }
            double auroc = new BinaryMetrics(scores, random).auroc();
            assertTrue(auroc < 0.8, "auroc " + auroc);
        }
    }

    private static AnomalyPrediction score(Predictor predictor, TrainingImage image) throws IOException {
        return (AnomalyPrediction)
                predictor.predict(List.of(Files.readAllBytes(image.file()))).getFirst();
    }

    @Test
    void theThresholdIsChosenWhereF1IsBestOnTheDevImages() {
        assertEquals("best F1 on 12 DEV images", model.threshold().how());
        assertEquals((float) model.threshold().value(), model.threshold().value());
        assertTrue(model.devMetrics().get("f1") >= 0.85, model.devMetrics().toString());
    }

    @Test
    void thePackageHasTheScoresOfTheDevImages() throws IOException {
        ModelPackage packed = pack();
        DevScores dev = DevScores.parse(packed.read(DevScores.FILE));
        List<TrainingImage> expected =
                images.stream().filter(image -> image.split() == Split.DEV).toList();
        assertEquals(expected.size(), dev.images().size());
        try (Predictor predictor = Predictor.open(packed)) {
            for (TrainingImage image : expected) {
                assertEquals(image.label(), dev.images().get(image.id()).label());
                assertEquals(
                        score(predictor, image).score(),
                        dev.images().get(image.id()).score(),
                        1e-6);
            }
        }
    }

    @Test
    void theMapIsHotWhereThePlateIsDamaged() throws IOException {
        try (Predictor predictor = Predictor.open(pack())) {
            TrainingImage scratched = images.stream()
                    .filter(image -> image.id().equals("TEST-abnormal-0"))
                    .findFirst()
                    .orElseThrow();
            AnomalyPrediction prediction = score(predictor, scratched);
            assertEquals(SIDE, prediction.mapWidth());
            assertEquals(SIDE, prediction.mapHeight());
            int hottest = 0;
            for (int i = 0; i < prediction.map().length; i++) {
                hottest = prediction.map()[i] > prediction.map()[hottest] ? i : hottest;
            }
            java.awt.image.BufferedImage image =
                    javax.imageio.ImageIO.read(scratched.file().toFile());
            assertTrue(
                    darkWithin(image, hottest % SIDE, hottest / SIDE, 10),
                    "the hottest place (" + hottest % SIDE + ", " + hottest / SIDE + ") is not at the scratch");
        }
    }

    private static boolean darkWithin(java.awt.image.BufferedImage image, int x, int y, int radius) {
        for (int dy = -radius; dy <= radius; dy++) {
            for (int dx = -radius; dx <= radius; dx++) {
                boolean inside = x + dx >= 0 && y + dy >= 0 && x + dx < SIDE && y + dy < SIDE;
                if (inside && (image.getRGB(x + dx, y + dy) & 0xFF) < 90) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void packageServesTheScoresOfItsEvaluation() throws IOException {
        List<TrainingImage> test =
                images.stream().filter(image -> image.split() == Split.TEST).toList();
        List<byte[]> encoded = new ArrayList<>();
        for (TrainingImage image : test) {
            encoded.add(Files.readAllBytes(image.file()));
        }
        ModelPackage opened = pack();
        try (Predictor predictor = new Predictor(
                        Files.readAllBytes(model.onnx()),
                        model.task(),
                        model.preprocessing(),
                        model.labels(),
                        model.threshold(),
                        1);
                Predictor served = Predictor.open(ModelPackage.open(opened.folder()), 2)) {
            served.verifyParity();
            List<Prediction> batch = served.predict(encoded);
            for (int i = 0; i < encoded.size(); i++) {
                AnomalyPrediction alone = (AnomalyPrediction)
                        predictor.predict(List.of(encoded.get(i))).getFirst();
                AnomalyPrediction together = (AnomalyPrediction) batch.get(i);
                assertEquals(alone.score(), together.score(), 1e-4);
                assertArrayEquals(alone.map(), together.map(), 1e-3f);
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameModel() throws IOException {
        TrainedModel again = new PatchCoreRecipe().train(job(images, Progress.NONE, Checkpoints.NONE));
        assertEquals(-1, Files.mismatch(model.onnx(), again.onnx()));
    }

    @Test
    void killedAfterTheCoresetItGoesOnFromTheMemoryBank() throws IOException {
        Checkpoints checkpoints = new FolderCheckpoints(folder.resolve("checkpoints"));
        Progress killedAtTheEnd = new Progress() {
            private boolean coresetIsDone;

            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {
                coresetIsDone |= phase.equals("threshold");
            }

            @Override
            public boolean cancelled() {
                return coresetIsDone;
            }
        };
        TrainingJob first = job(images, killedAtTheEnd, checkpoints);
        assertThrows(CancelledException.class, () -> new PatchCoreRecipe().train(first));

        TrainedModel resumed = new PatchCoreRecipe().train(job(images, Progress.NONE, checkpoints));
        assertTrue(resumed.resumedFrom().startsWith("memory bank of "), resumed.resumedFrom());
        assertEquals(-1, Files.mismatch(model.onnx(), resumed.onnx()));
        assertEquals(model.metrics(), resumed.metrics());
        assertEquals(model.testPredictions(), resumed.testPredictions(), "with the nearest normal images");
    }

    @Test
    void anAbnormalPlateSaysWhichNormalPlateItLooksUnlike() throws IOException {
        Map<String, Split> splits = images.stream().collect(Collectors.toMap(TrainingImage::id, TrainingImage::split));
        int atTheDamage = 0;
        int abnormal = 0;
        for (TrainingImage image : images) {
            TestPrediction prediction = model.testPredictions().get(image.id());
            if (prediction == null) {
                continue;
            }
            boolean normal = image.label().equals(DrawnParts.NORMAL);
            NearestNormal nearest = prediction.nearest();
            assertEquals(normal && prediction.predicted().equals(DrawnParts.NORMAL), nearest == null, image.id());
            if (normal) {
                continue;
            }
            abnormal++;
            atTheDamage += isMarked(image, nearest.place()) ? 1 : 0;
            assertEquals(Split.TRAIN, splits.get(nearest.sha256()));
            assertTrue(nearest.distance() >= prediction.score(), "the weight lowers the score");
        }
        assertEquals(10, abnormal);
        assertTrue(atTheDamage >= 8, atTheDamage + " of 10 places are at the damage");
    }

    private static boolean isMarked(TrainingImage image, NearestNormal.Place place) throws IOException {
        java.awt.image.BufferedImage mask =
                javax.imageio.ImageIO.read(image.mask().toFile());
        for (int y = (int) (SIDE * place.top()); y < SIDE * (place.top() + place.height()); y++) {
            for (int x = (int) (SIDE * place.left()); x < SIDE * (place.left() + place.width()); x++) {
                if ((mask.getRGB(x, y) & 0xFF) > 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The nearest place of a TEST image that is in TRAIN too is the same place, if all patches are in memory. */
    @Test
    void aKnownImageIsNearestToItself() {
        TrainingImage known = images.getFirst();
        List<TrainingImage> some = new ArrayList<>(images);
        some.add(new TrainingImage("known", known.file(), DrawnParts.ABNORMAL, Split.TEST));
        PatchCoreParameters all = new PatchCoreParameters(
                "scattering",
                null,
                Layers.MIDDLE,
                1,
                Treatment.WHITENED,
                1,
                ImageScore.MAX,
                Products.SHARED,
                RegionParameters.WHOLE,
                FilterParameters.NONE);
        TrainedModel trained = new PatchCoreRecipe().train(job(some, Progress.NONE, Checkpoints.NONE), all);
        NearestNormal nearest = trained.testPredictions().get("known").nearest();
        assertEquals(known.id(), nearest.sha256());
        assertEquals(nearest.place(), nearest.normalPlace());
        assertEquals(0, nearest.distance(), 1e-3);
    }

    @Test
    void masksGiveMetricsOfPixels() {
        assertTrue(model.metrics().get("pixelAuroc") >= 0.9, model.metrics().toString());
        assertTrue(model.metrics().get("aupro") >= 0.6, model.metrics().toString());
        assertEquals(
                List.of("dent", "scratch"),
                model.evaluation().detection().defects().stream()
                        .map(DefectReport::defect)
                        .toList());
        assertEquals(20, model.evaluation().detection().localization().images());
    }

    @Test
    void withNormalDevImagesOnlyTheThresholdSaysSo() {
        List<TrainingImage> normalDev = images.stream()
                .filter(image -> image.split() != Split.DEV || image.label().equals(DrawnParts.NORMAL))
                .toList();
        TrainedModel trained = new PatchCoreRecipe().train(job(normalDev, Progress.NONE, Checkpoints.NONE));
        assertTrue(
                trained.threshold().how().startsWith("no abnormal DEV image"),
                trained.threshold().how());
        assertTrue(trained.metrics().get("recall") >= 0.8, trained.metrics().toString());
    }

    /** A stain that changes the mean of red, green and blue by nothing: only colour tells. */
    @Test
    void aStainOfEqualBrightnessIsFound() throws IOException {
        List<TrainingImage> stained = new ArrayList<>();
        for (TrainingImage image : images) {
            boolean normal = image.label().equals(DrawnParts.NORMAL);
            if (normal) {
                stained.add(image);
            }
            if (normal && image.split() == Split.TEST) {
                java.awt.image.BufferedImage drawn =
                        javax.imageio.ImageIO.read(image.file().toFile());
                for (int y = 30; y < 50; y++) {
                    for (int x = 40; x < 62; x++) {
                        drawn.setRGB(x, y, drawn.getRGB(x, y) + (15 << 16) - 15);
                    }
                }
                Path file = folder.resolve("stained-" + image.id() + ".png");
                javax.imageio.ImageIO.write(drawn, "png", file.toFile());
                stained.add(new TrainingImage("stained-" + image.id(), file, DrawnParts.ABNORMAL, Split.TEST));
            }
        }
        TrainedModel trained = new PatchCoreRecipe().train(job(stained, Progress.NONE, Checkpoints.NONE));
        assertTrue(trained.metrics().get("auroc") >= 0.95, trained.metrics().toString());
    }

    @Test
    void thirtyEqualImagesAreAllNormal() throws IOException {
        Path one = images.getFirst().file();
        List<TrainingImage> equal = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            Split split = i < 20 ? Split.TRAIN : i < 25 ? Split.DEV : Split.TEST;
            equal.add(new TrainingImage("equal-" + i, one, DrawnParts.NORMAL, split));
        }
        TrainedModel trained = new PatchCoreRecipe().train(job(equal, Progress.NONE, Checkpoints.NONE));
        assertEquals(1, trained.metrics().get("accuracy"));
        assertEquals(1, trained.devMetrics().get("accuracy"));
        // By hand: 1 - 0.025^(1/5) = 0.5218.
        assertEquals(
                List.of(
                        "DEV has 5 normal images, expected at least 20: the threshold calls 0 of them abnormal, and may call up to 52 % of all normal images abnormal (95 % interval); add 15 normal DEV images"),
                trained.warnings());
    }

    @Test
    void aSingleDevImageIsNormal() throws IOException {
        TrainingImage single = images.stream()
                .filter(image -> image.split() == Split.DEV && image.label().equals(DrawnParts.NORMAL))
                .findFirst()
                .orElseThrow();
        List<TrainingImage> few = images.stream()
                .filter(image -> image.split() == Split.TRAIN || image == single)
                .toList();
        TrainedModel trained = new PatchCoreRecipe().train(job(few, Progress.NONE, Checkpoints.NONE));
        assertEquals(1, trained.devMetrics().get("accuracy"));
        assertTrue(trained.warnings().getFirst().startsWith("DEV has 1 normal image, "));
    }

    /** With these ratios all patches are candidates, and the smaller memory has half as many as the larger one. */
    @Test
    void partOfTheMemoryDoesWhatAMemoryOfThatSizeDoes() {
        List<TrainingImage> normalDev = images.stream()
                .filter(image -> image.split() != Split.DEV || image.label().equals(DrawnParts.NORMAL))
                .toList();
        for (List<TrainingImage> some : List.of(images, normalDev)) {
            MemoryCurve whole = curve(train(some, 116.0 / 2304));
            TrainedModel smaller = train(some, 58.0 / 2304);
            MemoryCurve direct = curve(smaller);
            assertEquals(List.of(14, 29, 58, 116), sizes(whole));
            assertEquals(List.of(14, 29, 58), sizes(direct));
            assertEquals(
                    direct.points(), whole.points().subList(0, 3), "the values of the same sizes, to the last digit");
            if (whole.metric().equals("auroc")) {
                assertEquals(
                        smaller.devMetrics().get("auroc"),
                        direct.points().getLast().value());
            } else {
                assertEquals("distance", whole.metric());
                assertTrue(
                        whole.points().getFirst().value()
                                > whole.points().getLast().value(),
                        "more patches are nearer");
            }
        }
    }

    private static TrainedModel train(List<TrainingImage> some, double ratio) {
        return PatchCoreTrainer.train(
                job(some, Progress.NONE, Checkpoints.NONE),
                new PatchCoreParameters(
                        "scattering",
                        null,
                        Layers.MIDDLE,
                        1,
                        Treatment.WHITENED,
                        ratio,
                        ImageScore.MAX,
                        Products.SHARED,
                        RegionParameters.WHOLE,
                        FilterParameters.NONE));
    }

    private static MemoryCurve curve(TrainedModel trained) {
        return trained.evaluation().detection().memoryCurve();
    }

    private static List<Integer> sizes(MemoryCurve curve) {
        return curve.points().stream().map(MemoryPoint::patches).toList();
    }

    @Test
    void anAbnormalTrainImageIsRefusedByName() {
        List<TrainingImage> mixed = images.stream()
                .map(image -> image.id().equals("DEV-abnormal-1") ? image.in(Split.TRAIN) : image)
                .toList();
        TrainingJob job = job(mixed, Progress.NONE, Checkpoints.NONE);
        String message = assertThrows(IllegalArgumentException.class, () -> new PatchCoreRecipe().train(job))
                .getMessage();
        assertTrue(message.contains("TRAIN image 'DEV-abnormal-1' has the label 'abnormal'"), message);
    }

    @Test
    void withoutNormalTrainImagesThereIsNothingToLearn() {
        List<TrainingImage> none =
                images.stream().filter(image -> image.split() != Split.TRAIN).toList();
        TrainingJob job = job(none, Progress.NONE, Checkpoints.NONE);
        assertEquals(
                "recipe 'patchcore' needs at least 10 normal TRAIN images, got 0: 10 are missing",
                assertThrows(IllegalArgumentException.class, () -> new PatchCoreRecipe().train(job))
                        .getMessage());
    }
}
