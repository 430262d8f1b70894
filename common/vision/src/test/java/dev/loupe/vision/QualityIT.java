package dev.loupe.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.loupe.contracts.Task;
import dev.loupe.model.Quantization;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.anomaly.RangeMeasure;
import dev.loupe.vision.classification.ClassifierMeasure;
import dev.loupe.vision.net.RandomBackbones;
import dev.loupe.vision.recipe.auto.AutoAnomalyMeasure;
import dev.loupe.vision.recipe.patchcore.PatchCoreMeasure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How good the defaults are on real images, each beside the same network with random weights. It takes half an hour and is
 * run by command only: {@code mvn test -pl common/vision -Dtest=QualityIT -Dloupe.quality=all}, or with the name of one
 * data set. The data lie in the folder that LOUPE_SHARED names.
 */
class QualityIT {
    private static final String CHOSEN = System.getProperty("loupe.quality", "");
    private static final Path SHARED =
            Path.of(Objects.requireNonNullElse(System.getenv("LOUPE_SHARED"), "../../../shared"));

    @TempDir
    static Path folder;

    @ParameterizedTest
    @CsvSource({
        "xsdd, scattering, .975, 1",
        "xsdd, mobilenet, .975, 1",
        "xsdd, redrawn, 0, .6",
        "flowers, scattering, .52, 1",
        "flowers, random, 0, .55",
        "deeppcb-cls, scattering, .54, 1",
        "deeppcb-cls, random, 0, .6",
    })
    void aClassifiersAccuracy(String data, String backbone, double least, double most) throws IOException {
        report(data, backbone, "accuracy", ClassifierMeasure.accuracy(root(data), backbone(backbone)), least, most);
    }

    @ParameterizedTest
    @CsvSource({
        "elpv-mono, scattering, .93, 1",
        "elpv-mono, mobilenet, .95, 1",
        "elpv-mono, redrawn, 0, .9",
        "hazelnut-toy, scattering, .98, 1",
    })
    void anAnomalyDetectorsAuroc(String data, String backbone, double least, double most) throws Exception {
        report(data, backbone, "auroc", PatchCoreMeasure.auroc(root(data), backbone(backbone)), least, most);
    }

    /** The choice on DEV is no worse on TEST than the default, within the interval of a few hundred images. */
    @ParameterizedTest
    @CsvSource({"elpv-mono", "deeppcb-anom", "bsdata", "hazelnut-toy"})
    void theChosenDetectorsAuroc(String data) throws Exception {
        AutoAnomalyMeasure.Measured measured = AutoAnomalyMeasure.measure(
                root(data), List.of(backbone("scattering"), backbone("mobilenet"), backbone("efficientnet")));
        System.out.println(data + "\n" + measured.text());
        assertTrue(measured.chosen() >= measured.standard() - .02, measured.text());
    }

    /** Neither loses more than .01 against a model of its own. The figures are in docs/reference/figures.md. */
    @ParameterizedTest
    @CsvSource({
        "hazelnut-toy, deeppcb-anom, scattering",
        "elpv-mono, deeppcb-anom, scattering",
    })
    void twoProductsInOneModel(String one, String other, String backbone) throws Exception {
        Map<String, Path> roots = new TreeMap<>();
        for (String data : List.of(one, other)) {
            roots.put(data, root(data));
        }
        for (PatchCoreMeasure.Product product : PatchCoreMeasure.products(roots, backbone(backbone))) {
            System.out.println(product);
            assertTrue(product.together() >= product.alone() - .01, product.toString());
        }
    }

    /** A map that knows nothing has an AUPRO of .15. */
    @ParameterizedTest
    @CsvSource({
        "hazelnut-toy, scattering, .9, 1",
        "hazelnut-toy, mobilenet, .9, 1",
        "hazelnut-toy, redrawn, 0, 1",
    })
    void anAnomalyDetectorsAupro(String data, String backbone, double least, double most) throws Exception {
        Map<String, Double> metrics = PatchCoreMeasure.metrics(root(data), backbone(backbone));
        System.out.println(data + ", " + backbone + ": " + metrics);
        report(data, backbone, "aupro", metrics.get("aupro"), least, most);
    }

    /** An extension by false alarms ends them, and does not hide defects. */
    @ParameterizedTest
    @CsvSource({
        "elpv-mono, scattering",
        "elpv-mono, mobilenet",
    })
    void anExtensionsFalseAlarms(String data, String backbone) throws Exception {
        PatchCoreMeasure.Extension measured = PatchCoreMeasure.extension(root(data), backbone(backbone));
        System.out.println(data + ", " + backbone + ": " + measured);
        assertEquals(0, measured.alarmsAfter());
        // The threshold is chosen on a few DEV images again: up to 3 images at its border may be missed that were
        // found.
        assertTrue(measured.missesAfter() <= measured.missesBefore() + 3, measured.toString());
    }

    /** Few normal images that a range was not learned from are outside of it. */
    @ParameterizedTest
    @CsvSource({"elpv-mono", "deeppcb-anom", "bsdata", "hazelnut-toy"})
    void aRangesWarnings(String data) throws Exception {
        double share = RangeMeasure.measure(data, PatchCoreMeasure.normal(root(data)));
        assertTrue(share <= 0.01, "share " + share);
    }

    /** The figures are in docs/adr/0027. */
    @ParameterizedTest
    @CsvSource({
        "xsdd, scattering, CLASSIFICATION",
        "xsdd, mobilenet, CLASSIFICATION",
        "flowers, mobilenet, CLASSIFICATION",
        "elpv-mono, scattering, ANOMALY_DETECTION",
        "elpv-mono, mobilenet, ANOMALY_DETECTION",
    })
    void aModelWithIntegersIsComparedOnDev(String data, String backbone, Task task) throws Exception {
        Quantization result =
                switch (task) {
                    case CLASSIFICATION -> ClassifierMeasure.quantized(root(data), backbone(backbone));
                    case ANOMALY_DETECTION -> PatchCoreMeasure.quantized(root(data), backbone(backbone));
                };
        System.out.printf(Locale.ROOT, "%s, %s, int8: %s%n", data, backbone, result);
        assertEquals("accuracy", result.metric(), "DEV of a detector has normal images alone here");
        assertTrue(result.images() >= 20, result.toString());
    }

    private static void report(String data, String backbone, String metric, double value, double least, double most) {
        System.out.printf(Locale.ROOT, "%s, %s: %s %.4f%n", data, backbone, metric, value);
        assertTrue(value >= least && value <= most, metric + " " + value);
    }

    private static Backbone backbone(String name) {
        return switch (name) {
            case "scattering" -> Scattering.backbone();
            case "random" -> RandomBackbones.mobileNet(0);
            case "redrawn" -> RandomBackbones.withRandomWeights(backbone("mobilenet"), 1);
            case "mobilenet" ->
                Backbone.imported(
                        "mobilenet_v2",
                        shared("backbones/mobilenet_v2_features.onnx"),
                        255,
                        new float[] {.485f, .456f, .406f},
                        new float[] {.229f, .224f, .225f});
            case "efficientnet" ->
                Backbone.imported(
                        "efficientnet-lite0",
                        shared("backbones/efficientnet_lite0_features.onnx"),
                        255,
                        new float[] {.498039f, .498039f, .498039f},
                        new float[] {.501961f, .501961f, .501961f});
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Path shared(String name) {
        Path file = SHARED.resolve(name);
        assumeTrue(Files.exists(file), "skipped: " + file + " is not there (LOUPE_SHARED names the folder)");
        return file;
    }

    private static Path root(String data) throws IOException {
        assumeTrue(
                List.of("all", data).contains(CHOSEN)
                        || List.of(CHOSEN.split("\\+")).contains(data),
                "skipped: it takes minutes; run it with -Dloupe.quality=" + data
                        + ", several names with + in between, or all");
        Path zip = shared("data/" + data + ".zip");
        Path root = folder.resolve(data);
        try (InputStream in = Files.newInputStream(zip);
                ZipInputStream entries = new ZipInputStream(in)) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                Path file = root.resolve(entry.getName());
                if (!entry.isDirectory() && !Files.exists(file)) {
                    Files.createDirectories(file.getParent());
                    Files.copy(entries, file);
                }
            }
        }
        return root;
    }
}
