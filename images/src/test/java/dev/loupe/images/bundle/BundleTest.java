package dev.loupe.images.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A bundle of small files, unpacked by {@code tar} and loaded by its own script. */
class BundleTest {
    private static final Path CHART = Path.of("../helm/loupe").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    private Path file;
    private Path unpacked;
    private Path loaded;

    private record Ended(int status, String output) {}

    @BeforeEach
    void packAndUnpack() throws Exception {
        Path one = Files.writeString(folder.resolve("dataset-service.tar"), "an image");
        Path two = Files.writeString(folder.resolve("trainer.tar"), "another");
        Path backbone = Files.writeString(folder.resolve("squeezenet.onnx"), "a network");
        file = folder.resolve("loupe.tar");
        new Bundle(CHART, List.of(one, two), List.of(backbone), "1.2.3").write(file);
        assertEquals(0, run(Map.of(), "tar", "-xf", file.toString()).status());
        unpacked = folder.resolve("loupe-1.2.3");
        loaded = folder.resolve("loaded");
    }

    @Test
    void theImagesAreGivenToTheCommandThatTheUserNames() throws Exception {
        Ended ended = load(Map.of("LOUPE_IMAGE_LOAD", "printf '%s\\n' >> " + loaded));

        assertEquals(0, ended.status(), ended.output());
        assertEquals(
                List.of(
                        unpacked.resolve("images/dataset-service.tar").toString(),
                        unpacked.resolve("images/trainer.tar").toString()),
                Files.readAllLines(loaded));
        assertTrue(ended.output().contains("helm install loupe " + unpacked.resolve("chart/loupe")), ended.output());
        assertTrue(
                ended.output().contains("backbones import " + unpacked.resolve("backbones/squeezenet.onnx")),
                ended.output());
    }

    @Test
    void orPushedToTheRegistryThatTheUserNames() throws Exception {
        Path skopeo = Files.createDirectories(folder.resolve("bin")).resolve("skopeo");
        Files.writeString(skopeo, "#!/bin/sh\necho \"$@\" >> " + loaded + "\n");
        assertTrue(skopeo.toFile().setExecutable(true));

        Ended ended = load(Map.of(
                "LOUPE_REGISTRY",
                "registry.example.org/team",
                "PATH",
                skopeo.getParent() + ":" + System.getenv("PATH")));

        assertEquals(0, ended.status(), ended.output());
        assertEquals(
                List.of(
                        "copy docker-archive:images/dataset-service.tar"
                                + " docker://registry.example.org/team/loupe/dataset-service:1.2.3",
                        "copy docker-archive:images/trainer.tar docker://registry.example.org/team/loupe/trainer:1.2.3"),
                Files.readAllLines(loaded));
        assertTrue(ended.output().contains("--set global.imageRegistry=registry.example.org/team"), ended.output());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"images/trainer.tar", "chart/loupe/values.yaml", "backbones/squeezenet.onnx", "images/names"})
    void oneWrongByteIsFoundAndNothingIsLoaded(String tampered) throws Exception {
        byte[] bytes = Files.readAllBytes(unpacked.resolve(tampered));
        bytes[bytes.length / 2] ^= 1;
        Files.write(unpacked.resolve(tampered), bytes);

        Ended ended = load(Map.of("LOUPE_IMAGE_LOAD", "printf '%s\\n' >> " + loaded));

        assertEquals(1, ended.status(), ended.output());
        assertTrue(ended.output().contains(tampered + ": FAILED"), ended.output());
        assertFalse(Files.exists(loaded));
    }

    @Test
    void aMissingFileIsFoundToo() throws Exception {
        Files.delete(unpacked.resolve("images/trainer.tar"));

        Ended ended = load(Map.of("LOUPE_IMAGE_LOAD", "printf '%s\\n' >> " + loaded));

        assertEquals(1, ended.status(), ended.output());
        assertTrue(ended.output().contains("images/trainer.tar"), ended.output());
        assertFalse(Files.exists(loaded));
    }

    @Test
    void whereTheImagesGoMustBeSaid() throws Exception {
        Ended ended = load(Map.of("LOUPE_IMAGE_LOAD", ""));

        assertEquals(1, ended.status(), ended.output());
        assertTrue(ended.output().contains("LOUPE_REGISTRY or LOUPE_IMAGE_LOAD"), ended.output());
    }

    @Test
    void theSameFilesGiveTheSameBytes() throws Exception {
        Path again = folder.resolve("again.tar");
        new Bundle(
                        CHART,
                        List.of(folder.resolve("dataset-service.tar"), folder.resolve("trainer.tar")),
                        List.of(folder.resolve("squeezenet.onnx")),
                        "1.2.3")
                .write(again);

        assertEquals(-1, Files.mismatch(file, again));
    }

    @Test
    void theChartInItInstallsTheImagesInIt() throws Exception {
        Path chart = unpacked.resolve("chart/loupe");

        assertTrue(Files.readString(chart.resolve("Chart.yaml")).contains("\nappVersion: \"1.2.3\"\n"));
        assertEquals(-1, Files.mismatch(CHART.resolve("values.yaml"), chart.resolve("values.yaml")));
        assertTrue(Files.exists(chart.resolve("templates/_names.tpl")));
    }

    private Ended load(Map<String, String> environment) throws IOException, InterruptedException {
        return run(environment, unpacked.resolve("load.sh").toString());
    }

    private Ended run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeAll(List.of("LOUPE_REGISTRY", "LOUPE_IMAGE_LOAD"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }
}
