package dev.loupe.vision.classification;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.OperatingSystemMXBean;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.vision.PythonPeer;
import dev.loupe.vision.classification.SoftmaxTraining.Plan;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.net.Network;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingImage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * CPU seconds of learning beside those of Python peers, in turns within one run: {@code ./loupe bench learning}, run by no
 * test. Both have the threads that OMP_NUM_THREADS says. {@code bench/README.md} describes what is compared. The ratio
 * is Python's CPU seconds divided by Loupe's: above 1, Loupe takes less.
 */
class LearningBench {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final Path SHARED =
            Path.of(Objects.requireNonNullElse(System.getenv("LOUPE_SHARED"), "../../../shared"));
    private static final Path MODEL =
            SHARED.resolve("backbones/mobilenet_v2_features.onnx").toAbsolutePath();
    private static final float[] MEAN = {.485f, .456f, .406f};
    private static final float[] STD = {.229f, .224f, .225f};
    private static final int CLASSES = 10;
    /** Images in a run of the backbone, as FeatureExtractor has them. */
    private static final int BATCH = 4;
    /** Rounds that are not counted: compilers and caches warm up. */
    private static final int WARM_UP = 2;

    @TempDir
    static Path folder;

    private static PythonPeer python;

    @BeforeAll
    static void start() throws IOException {
        python = PythonPeer.start();
        System.out.println("BENCH CPU seconds of Loupe beside " + python.ask("versions"));
    }

    @AfterAll
    static void end() {
        if (python != null) {
            python.close();
        }
    }

    @Test
    void aTrainingStepOf64Pixels() {
        trainingStep(64, 32, 12);
    }

    @Test
    void aTrainingStepOf224Pixels() {
        trainingStep(224, 8, 9);
    }

    /** Between the steps of a training, which its progress sees, Python makes one. */
    private static void trainingStep(int side, int batch, int rounds) {
        Rounds measured = new Rounds();
        Progress turns = new Progress() {
            private double began = Double.NaN;

            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {}

            @Override
            public boolean cancelled() {
                double now = seconds();
                if (!Double.isNaN(began)) {
                    measured.add(now - began, python.seconds("train", side, batch));
                }
                began = seconds();
                return false;
            }
        };
        Plan plan = new Plan(
                1,
                batch,
                1,
                0,
                new OptimizerSettings(OptimizerSettings.Kind.SGD, 0.01, 0.9, false, 5e-4, 0),
                LearningRateSchedule.cosine(),
                ClassLoss.PLAIN,
                false,
                0);
        Net net = Network.RESNET18.build(CLASSES);
        int steps = WARM_UP + rounds + 1; // the last one is not seen
        new SoftmaxTraining(net, new Noise(side, batch * steps), new Noise(side, 0), plan, turns)
                .run(TrainingState.initial(net.initialWeights(0)), _ -> {});
        measured.print("training step, ResNet-18, %d px, batch %d".formatted(side, batch), "step", 1);
    }

    /** From image files, with decoding, and from prepared images; Python's are prepared in both cases. */
    @Test
    void featuresOfABackbone() throws IOException {
        Backbone backbone = backbone();
        List<TrainingImage> images =
                ClassifierMeasure.images(unpacked(), 0).stream().limit(64).toList();
        Path listed = Files.write(
                folder.resolve("features.txt"),
                images.stream().map(image -> image.file().toString()).toList());
        List<String> outputs = new ArrayList<>(List.of(backbone.pooled().output()));
        backbone.featureMaps().forEach(map -> outputs.add(map.output()));
        try (OnnxSession session = new OnnxSession(backbone.onnx(), threads());
                FeatureExtractor extractor =
                        new FeatureExtractor(backbone.onnx(), backbone.preprocessing(), outputs, threads())) {
            Rounds measured = new Rounds();
            Rounds prepared = new Rounds();
            float[] batch = new float[BATCH * backbone.preprocessing().size()];
            new Noise(224, BATCH).write(0, null, batch, 0);
            for (int round = 0; round < WARM_UP + 9; round++) {
                double peer = python.seconds("features", MODEL, BATCH, listed);
                prepared.add(
                        taken(() -> {
                            for (int i = 0; i < images.size(); i += BATCH) {
                                session.run(batch, new long[] {BATCH, 3, 224, 224}, outputs);
                            }
                        }),
                        peer);
                measured.add(
                        taken(() -> extractor.extract(images, "features", Progress.NONE, (_, features) -> {})), peer);
            }
            prepared.print("features, MobileNetV2, 224 px, prepared images", "image", images.size());
            measured.print("features, MobileNetV2, 224 px, image files", "image", images.size());
        }
    }

    @Test
    void aJpegToATensor() throws IOException {
        int repetitions = 300;
        Path file = folder.resolve("drawn.jpg");
        draw(file);
        byte[] encoded = Files.readAllBytes(file);
        Preprocessing preprocessing = new Preprocessing(224, 224, 255, MEAN, STD);
        Rounds measured = new Rounds();
        for (int round = 0; round < WARM_UP + 9; round++) {
            measured.add(
                    taken(() -> {
                        for (int i = 0; i < repetitions; i++) {
                            preprocessing.apply(encoded);
                        }
                    }),
                    python.seconds("jpeg", file, repetitions));
        }
        measured.print("JPEG of 640 x 480 to a tensor of 224 px", "image", repetitions);
    }

    /** Whole processes, with their start: decoding, features, training, accuracy on TEST. */
    @Test
    void theLinearProbe() throws Exception {
        Path root = unpacked();
        Path listed = Files.write(
                folder.resolve("probe.txt"),
                ClassifierMeasure.images(root, 0).stream()
                        .map(image -> image.split() + "\t" + image.label() + "\t" + image.file())
                        .toList());
        Rounds measured = new Rounds();
        String accuracies = "";
        for (int round = 0; round < 3; round++) {
            String[] loupe = probe(root).split(" ");
            String[] peer;
            try (PythonPeer other = PythonPeer.start()) {
                peer = other.ask("probe", MODEL, listed).split(" ");
            }
            measured.add(Double.parseDouble(loupe[0]), Double.parseDouble(peer[0]));
            accuracies = String.format(
                    Locale.ROOT,
                    "accuracy on TEST %.4f, Python %.4f",
                    Double.parseDouble(loupe[1]),
                    Double.parseDouble(peer[1]));
        }
        measured.warmUp = 0;
        measured.print("linear probe, xsdd, " + accuracies, "training", 1);
    }

    /** Trains in a process with the options of a trainer; returns its CPU seconds and the accuracy. */
    private static String probe(Path root) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx2g",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dai.djl.offline=true",
                        Probe.class.getName(),
                        root.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = builder.start();
        List<String> lines = process.inputReader().lines().toList();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("the training failed: " + lines);
        }
        return lines.getLast();
    }

    /** The program that trains. */
    static final class Probe {
        private Probe() {}

        public static void main(String[] arguments) throws IOException {
            double accuracy = ClassifierMeasure.accuracy(Path.of(arguments[0]), backbone());
            System.out.println(seconds() + " " + accuracy);
        }
    }

    private static Backbone backbone() {
        assumeTrue(Files.exists(MODEL), "skipped: " + MODEL + " is not there (LOUPE_SHARED names the folder)");
        return Backbone.imported("mobilenet_v2", MODEL, 255, MEAN, STD);
    }

    private static int threads() {
        return Integer.parseInt(Objects.requireNonNullElse(System.getenv("OMP_NUM_THREADS"), "1"));
    }

    private static double taken(Runnable task) {
        double before = seconds();
        task.run();
        return seconds() - before;
    }

    /** CPU seconds of this process, user and system. */
    private static double seconds() {
        return SYSTEM.getProcessCpuTime() / 1e9;
    }

    /** The CPU seconds of both sides in each round. */
    private static final class Rounds {
        private final List<double[]> rounds = new ArrayList<>();
        private int warmUp = WARM_UP;

        void add(double loupe, double peer) {
            rounds.add(new double[] {loupe, peer});
        }

        void print(String what, String unit, int units) {
            List<double[]> counted = rounds.subList(warmUp, rounds.size());
            double[] ratios = counted.stream()
                    .mapToDouble(each -> each[1] / each[0])
                    .sorted()
                    .toArray();
            System.out.printf(
                    Locale.ROOT,
                    "BENCH %s: %.3g ms per %s, Python %.3g ms, ratio %.2f (%.2f to %.2f in %d rounds)%n",
                    what,
                    1e3 / units * median(counted.stream().mapToDouble(each -> each[0])),
                    unit,
                    1e3 / units * median(counted.stream().mapToDouble(each -> each[1])),
                    ratios[ratios.length / 2],
                    ratios[0],
                    ratios[ratios.length - 1],
                    ratios.length);
        }

        private static double median(DoubleStream values) {
            double[] sorted = values.sorted().toArray();
            return sorted[sorted.length / 2];
        }
    }

    /** Images of noise. */
    private record Noise(int side, int size) implements TrainingExamples {
        private static final float[] VALUES = new float[3 * 224 * 224];

        static {
            Random random = new Random(0);
            for (int i = 0; i < VALUES.length; i++) {
                VALUES[i] = (float) random.nextGaussian();
            }
        }

        @Override
        public int label(int index) {
            return index % CLASSES;
        }

        @Override
        public long[] shape() {
            return new long[] {3, side, side};
        }

        @Override
        public void write(int index, Random augmentation, float[] target, int offset) {
            System.arraycopy(VALUES, 0, target, offset, length()); // all are the same
        }
    }

    private static void draw(Path file) throws IOException {
        BufferedImage image = new BufferedImage(640, 480, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(0);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int grey = 100 + (x + y) / 16 + random.nextInt(24);
                image.setRGB(x, y, grey << 16 | grey << 8 | grey);
            }
        }
        ImageIO.write(image, "jpg", file.toFile());
    }

    private static Path unpacked() throws IOException {
        Path zip = SHARED.resolve("data/xsdd.zip");
        assumeTrue(Files.exists(zip), "skipped: " + zip + " is not there (LOUPE_SHARED names the folder)");
        Path root = folder.resolve("xsdd");
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
