package dev.loupe.vision.recipe.patchcore;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.OperatingSystemMXBean;
import dev.loupe.contracts.Split;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.vision.PythonPeer;
import dev.loupe.vision.anomaly.ImageScore;
import dev.loupe.vision.anomaly.PatchFeatures;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingImage;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * CPU seconds of PatchCore's selection and of its scores beside those of anomalib, on the same patches of solar cells, on one
 * thread: {@code ./loupe bench learning}, run by no test. {@code bench/README.md} describes what is compared.
 */
class MemoryBench {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final Path SHARED =
            Path.of(Objects.requireNonNullElse(System.getenv("LOUPE_SHARED"), "../../../shared"));
    private static final double RATIO = 0.1;
    /** Steps of anomalib's selection that are measured: each takes as long as the others. */
    private static final int STEPS = 20;
    /** Patches of which both select all that is asked for, to compare what they select. */
    private static final int SOME = 20_000;

    private static final int ROUNDS = 7;

    @TempDir
    static Path folder;

    private static PythonPeer python;
    private static PatchFeatures features;
    private static Patches patches;

    @BeforeAll
    static void start() throws Exception {
        python = PythonPeer.start();
        System.out.println("BENCH CPU seconds of Loupe beside anomalib 2.7.0 and " + python.ask("versions"));
        Path zip = SHARED.resolve("data/elpv-mono.zip");
        Path network = SHARED.resolve("backbones/mobilenet_v2_features.onnx");
        assumeTrue(
                Files.exists(zip) && Files.exists(network),
                "skipped: " + zip + " or " + network + " is not there (LOUPE_SHARED names the folder)");
        Backbone backbone = Backbone.imported(
                "mobilenet_v2", network, 255, new float[] {.485f, .456f, .406f}, new float[] {.229f, .224f, .225f});
        features = PatchFeatures.of(backbone);
        patches = whitened(backbone, normalImages(zip));
        print("%d patches of %d features", patches.count(), patches.size());
    }

    @AfterAll
    static void end() {
        if (python != null) {
            python.close();
        }
    }

    /** What {@code patchcore} selects for a tenth of the patches: it has fewer candidates, and a largest memory. */
    @Test
    void theSelection() throws IOException {
        int size = (int) (RATIO * patches.count());
        Patches candidates = patches.select(new Random(0)
                .ints(0, patches.count())
                .distinct()
                .limit(PatchCoreTrainer.MAX_CANDIDATES)
                .toArray());
        double own = -seconds();
        Coreset.choose(candidates, PatchCoreTrainer.MAX_BANK_SIZE, 0, Progress.NONE);
        own += seconds();
        double step = python.seconds("coreset", write("patches", patches), patches.size(), RATIO, STEPS, "-") / STEPS;
        print(
                "%d of %d candidates: %.1f CPU seconds; anomalib, %d of %d: %.3f for each, thus %.0f, %.0f times as much",
                PatchCoreTrainer.MAX_BANK_SIZE,
                candidates.count(),
                own,
                size,
                patches.count(),
                step,
                step * size,
                step * size / own);
    }

    /** Of some patches, of which anomalib selects all that it should within minutes. */
    @Test
    void whatIsSelected() throws IOException {
        Patches some =
                patches.select(new Random(1).ints(SOME, 0, patches.count()).toArray());
        int size = (int) (RATIO * SOME);
        Path rows = write("some", some);
        Path listed = folder.resolve("chosen.txt");
        double peer = python.seconds("coreset", rows, some.size(), RATIO, 0, listed);
        int[] others =
                Files.readAllLines(listed).stream().mapToInt(Integer::parseInt).toArray();
        double own = -seconds();
        int[] chosen = Coreset.choose(some, size, 0, Progress.NONE);
        own += seconds();
        double radius = radius(some, some.select(chosen));
        double of = radius(some, some.select(others));
        print(
                "%d of %d patches: %.2f CPU seconds, anomalib %.1f, %.0f times as much; coverage radius %.4f, anomalib %.4f,"
                        + " ratio %.3f",
                size, SOME, own, peer, peer / own, radius, of, radius / of);
    }

    @Test
    void theScores() throws IOException {
        int size = (int) (RATIO * patches.count());
        Patches bank =
                patches.select(new Random(2).ints(size, 0, patches.count()).toArray());
        int places = features.places();
        float[] image = Arrays.copyOf(patches.values(), places * patches.size());
        Path memory = write("bank", bank);
        Path rows = write("image", new Patches(image, patches.size()));
        int side = (int) Math.sqrt(places) * features.finest().stride();
        OnnxGraph graph = OnnxGraph.create("memory");
        String input = graph.input("patches", -1, places, patches.size());
        Preprocessing square = new Preprocessing(side, side, 1, new float[3], new float[] {1, 1, 1});
        PatchCoreGraph.append(graph, input, features, bank, square, ImageScore.MAX);
        try (OnnxSession session = new OnnxSession(graph.toBytes(), 1)) {
            double[] ratios = new double[ROUNDS];
            double[] own = new double[ROUNDS];
            for (int round = -1; round < ROUNDS; round++) {
                double taken = -seconds();
                session.run(
                        image,
                        new long[] {1, places, patches.size()},
                        List.of(Predictor.ANOMALY_SCORE, Predictor.ANOMALY_MAP));
                taken += seconds();
                double peer = python.seconds("neighbours", memory, rows, patches.size());
                if (round >= 0) {
                    own[round] = taken;
                    ratios[round] = peer / taken;
                }
            }
            Arrays.sort(own);
            Arrays.sort(ratios);
            print(
                    "score of an image, %d patches with a memory of %d: %.0f CPU ms, with its map; anomalib's without one,"
                            + " %.2f times as much (%.2f to %.2f)",
                    places, size, 1e3 * own[ROUNDS / 2], ratios[ROUNDS / 2], ratios[0], ratios[ROUNDS - 1]);
        }
    }

    /** Largest distance of a row to the nearest centre. */
    private static double radius(Patches rows, Patches centres) {
        double largest = 0;
        int near = 0;
        for (int row = 0; row < rows.count(); row++) {
            double nearest = rows.squaredDistance(row, centres, near);
            // A row that is nearer to any of them than the largest distance so far does not change it.
            for (int centre = 0; centre < centres.count() && nearest > largest; centre++) {
                double distance = rows.squaredDistance(row, centres, centre);
                if (distance < nearest) {
                    nearest = distance;
                    near = centre;
                }
            }
            largest = Math.max(largest, nearest);
        }
        return Math.sqrt(largest);
    }

    private static Patches whitened(Backbone backbone, List<TrainingImage> images) {
        int channels = features.channels();
        int places = features.places();
        float[] values = new float[images.size() * places * channels];
        OnnxGraph graph = backbone.graph();
        graph.output(features.appendTo(graph), "patches", -1, places, channels);
        try (FeatureExtractor extractor =
                new FeatureExtractor(graph.toBytes(), backbone.preprocessing(), List.of("patches"), 1)) {
            extractor.extract(
                    images,
                    "features",
                    Progress.NONE,
                    (index, outputs) -> System.arraycopy(
                            outputs.getFirst(), 0, values, index * places * channels, places * channels));
        }
        Patches raw = new Patches(values, channels);
        return Whitening.fit(raw, Treatment.WHITENED, 0).apply(raw);
    }

    private static List<TrainingImage> normalImages(Path zip) throws IOException {
        List<TrainingImage> images = new ArrayList<>();
        try (InputStream in = Files.newInputStream(zip);
                ZipInputStream entries = new ZipInputStream(in)) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                if (!entry.isDirectory() && entry.getName().startsWith("train/good/")) {
                    Path file = folder.resolve(Path.of(entry.getName()).getFileName());
                    Files.copy(entries, file);
                    images.add(new TrainingImage(entry.getName(), file, "normal", Split.TRAIN, null, null));
                }
            }
        }
        return images;
    }

    private static Path write(String name, Patches rows) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(rows.values().length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(rows.values());
        return Files.write(folder.resolve(name), bytes.array());
    }

    /** CPU seconds of this process, user and system. */
    private static double seconds() {
        return SYSTEM.getProcessCpuTime() / 1e9;
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, "BENCH " + format + "%n", values);
    }
}
