package dev.loupe.vision.recipe.patchcore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.evaluation.EvaluationReport.ProductReport;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ModelManifest.DatasetVersion;
import dev.loupe.model.ModelManifest.Lineage;
import dev.loupe.model.ModelManifest.ParitySample;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Predictor;
import dev.loupe.model.UnknownProductException;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnParts;
import dev.loupe.vision.anomaly.ImageScore;
import dev.loupe.vision.anomaly.Layers;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.RegionParameters;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.FolderCheckpoints;
import dev.loupe.vision.training.Packager;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two products in one project: plates, and the same plates in negative and upside down. */
class ProductMemoriesIT {
    private static final int SIDE = 96;
    private static final String PLATE = "plate";
    private static final String NEGATIVE = "negative";

    @TempDir
    static Path folder;

    private static List<TrainingImage> images;
    private static TrainedModel model;

    @BeforeAll
    static void trainOnBoth() throws IOException {
        images = new ArrayList<>();
        for (TrainingImage plate : DrawnParts.draw(folder.resolve("images"), SIDE, 12, 5, 6)) {
            images.add(plate.of(PLATE));
            images.add(negative(plate));
        }
        model = train(images, Products.SEPARATE, Progress.NONE, Checkpoints.NONE);
    }

    private static TrainingImage negative(TrainingImage plate) throws IOException {
        BufferedImage drawn = ImageIO.read(plate.file().toFile());
        BufferedImage turned = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                turned.setRGB(x, SIDE - 1 - y, ~drawn.getRGB(x, y) & 0xFFFFFF);
            }
        }
        Path file = folder.resolve("negative-" + plate.id() + ".png");
        ImageIO.write(turned, "png", file.toFile());
        return new TrainingImage("negative-" + plate.id(), file, plate.label(), plate.split()).of(NEGATIVE);
    }

    private static TrainedModel train(
            List<TrainingImage> some, Products products, Progress progress, Checkpoints checkpoints) {
        try {
            TrainingJob job = new TrainingJob(
                    some,
                    List.of(DrawnParts.NORMAL, DrawnParts.ABNORMAL),
                    Scattering.backbone(SIDE),
                    7,
                    2,
                    Files.createTempDirectory(folder, "work"),
                    progress,
                    checkpoints);
            return PatchCoreTrainer.train(
                    job,
                    new PatchCoreParameters(
                            "scattering",
                            null,
                            Layers.MIDDLE,
                            1,
                            Treatment.WHITENED,
                            0.05,
                            ImageScore.MAX,
                            products,
                            RegionParameters.WHOLE,
                            FilterParameters.NONE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<TrainingImage> of(String product) {
        return images.stream().filter(image -> image.product().equals(product)).toList();
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
    void eachProductDoesAsWellAsWithAModelOfItsOwn() throws IOException {
        List<ProductReport> reports = model.evaluation().detection().products();
        assertEquals(
                List.of(NEGATIVE, PLATE),
                reports.stream().map(ProductReport::product).toList());
        for (ProductReport report : reports) {
            TrainedModel own = train(of(report.product()), Products.SHARED, Progress.NONE, Checkpoints.NONE);
            assertEquals(own.metrics().get("auroc"), report.auroc().value(), 1e-9);
            assertEquals(6, report.normal());
            assertEquals(6, report.abnormal());
            assertEquals(own.metrics().get("recall"), (6.0 - report.misses()) / 6, 1e-9, "the threshold of its own");
            // A score is that of the own model, in units of its threshold.
            try (Predictor alone = new Predictor(
                            Files.readAllBytes(own.onnx()),
                            own.task(),
                            own.preprocessing(),
                            own.labels(),
                            own.threshold(),
                            1);
                    Predictor both = Predictor.open(pack())) {
                for (TrainingImage image : of(report.product())) {
                    byte[] encoded = Files.readAllBytes(image.file());
                    AnomalyPrediction expected =
                            (AnomalyPrediction) alone.predict(List.of(encoded)).getFirst();
                    AnomalyPrediction actual = (AnomalyPrediction)
                            both.predict(List.of(encoded), image.product()).getFirst();
                    float scale = (float) own.threshold().value();
                    assertEquals(expected.score() / scale, actual.score(), 1e-4);
                    assertEquals(image.product(), actual.product());
                }
            }
        }
    }

    @Test
    void withoutAProductTheNearestMemoryIsUsed() throws IOException {
        try (Predictor predictor = Predictor.open(pack())) {
            assertEquals(List.of(NEGATIVE, PLATE), predictor.products());
            List<byte[]> encoded = new ArrayList<>();
            List<TrainingImage> test =
                    images.stream().filter(image -> image.split() == Split.TEST).toList();
            for (TrainingImage image : test) {
                encoded.add(Files.readAllBytes(image.file()));
            }
            for (int i = 0; i < test.size(); i++) {
                AnomalyPrediction nearest =
                        (AnomalyPrediction) predictor.predict(encoded).get(i); // in a batch of both products
                AnomalyPrediction told = (AnomalyPrediction) predictor
                        .predict(List.of(encoded.get(i)), test.get(i).product())
                        .getFirst();
                assertEquals(test.get(i).product(), nearest.product());
                assertEquals(told.score(), nearest.score(), 1e-4);
                assertArrayEquals(told.map(), nearest.map(), 1e-4f);
            }
            AnomalyPrediction wrong = (AnomalyPrediction)
                    predictor.predict(List.of(encoded.getFirst()), NEGATIVE).getFirst();
            assertEquals(NEGATIVE, wrong.product());
            assertEquals(PLATE, wrong.nearestProduct());
        }
        for (ProductReport report : model.evaluation().detection().products()) {
            assertEquals(12, report.nearest());
        }
    }

    @Test
    void unknownProductIsRefusedWithTheKnownOnes() throws IOException {
        try (Predictor predictor = Predictor.open(pack())) {
            List<byte[]> one = List.of(Files.readAllBytes(images.getFirst().file()));
            assertEquals(
                    "product 'cup': expected one of negative, plate",
                    assertThrows(UnknownProductException.class, () -> predictor.predict(one, "cup"))
                            .getMessage());
        }
    }

    @Test
    void packageHasAParitySampleOfEachProduct() throws IOException {
        ModelPackage packed = ModelPackage.open(pack().folder());
        Set<String> products = packed.manifest().paritySamples().stream()
                .map(ParitySample::product)
                .collect(Collectors.toSet());
        assertEquals(Set.of(NEGATIVE, PLATE), products);
        try (Predictor served = Predictor.open(packed, 2)) {
            served.verifyParity();
        }
        assertEquals(1, packed.manifest().threshold().value());
        assertEquals(
                "for each product; negative: best F1 on 10 DEV images; plate: best F1 on 10 DEV images",
                packed.manifest().threshold().how());
        assertEquals(2, model.warnings().size());
        assertTrue(
                model.warnings().getFirst().startsWith("product 'negative': DEV has 5 normal images"),
                model.warnings().toString());
    }

    @Test
    void nearestNormalImageIsOfTheSameProduct() {
        Map<String, String> products =
                images.stream().collect(Collectors.toMap(TrainingImage::id, TrainingImage::product));
        long explained = model.testPredictions().entrySet().stream()
                .filter(entry -> entry.getValue().nearest() != null)
                .peek(entry -> assertEquals(
                        products.get(entry.getKey()),
                        products.get(entry.getValue().nearest().sha256())))
                .count();
        assertTrue(explained >= 12, explained + " of 12 abnormal images");
    }

    @Test
    void killedAfterTheMemoriesItGoesOnFromThem() throws IOException {
        Checkpoints checkpoints = new FolderCheckpoints(folder.resolve("checkpoints"));
        Progress killedAtTheEnd = new Progress() {
            private boolean memoriesAreDone;

            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {
                memoriesAreDone |= phase.equals("threshold");
            }

            @Override
            public boolean cancelled() {
                return memoriesAreDone;
            }
        };
        assertThrows(CancelledException.class, () -> train(images, Products.SEPARATE, killedAtTheEnd, checkpoints));
        TrainedModel resumed = train(images, Products.SEPARATE, Progress.NONE, checkpoints);
        assertEquals("memory banks of 2 products", resumed.resumedFrom());
        assertEquals(-1, Files.mismatch(model.onnx(), resumed.onnx()));
    }

    @Test
    void refusesTrainImagesWithoutAProductAndProductsWithFewImages() {
        List<TrainingImage> untold = new ArrayList<>(images);
        untold.set(0, images.getFirst().of(null));
        String message = refusal(untold);
        assertTrue(message.startsWith("TRAIN image '" + images.getFirst().id() + "' has no product"), message);

        List<TrainingImage> few = new ArrayList<>(of(PLATE));
        of(NEGATIVE).stream()
                .filter(image -> image.split() == Split.TRAIN)
                .limit(4)
                .forEach(few::add);
        assertEquals("product 'negative' needs at least 10 normal TRAIN images, got 4: 6 are missing", refusal(few));

        List<TrainingImage> other = new ArrayList<>(images);
        TrainingImage last = images.getLast();
        assertEquals(Split.TEST, last.split());
        other.set(images.size() - 1, last.of("cup"));
        assertEquals(
                "TEST image '" + last.id() + "': product 'cup': expected one of those of TRAIN images: negative, plate",
                refusal(other));
    }

    private static String refusal(List<TrainingImage> some) {
        return assertThrows(
                        IllegalArgumentException.class,
                        () -> train(some, Products.SEPARATE, Progress.NONE, Checkpoints.NONE))
                .getMessage();
    }

    @Test
    void extensionOfSeveralMemoriesIsRefused() throws IOException {
        byte[] onnx = Files.readAllBytes(model.onnx());
        assertTrue(assertThrows(IllegalArgumentException.class, () -> StoredMemory.read(onnx))
                .getMessage()
                .startsWith("expected a model with one memory"));
    }

    @Test
    void sharedMemoryIsEvaluatedByProductToo() {
        TrainedModel shared = train(images, Products.SHARED, Progress.NONE, Checkpoints.NONE);
        for (ProductReport report : shared.evaluation().detection().products()) {
            assertTrue(report.auroc().value() > 0.9, report.toString());
            assertNull(report.nearest());
        }
    }
}
