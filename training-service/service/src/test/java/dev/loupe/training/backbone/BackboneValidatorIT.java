package dev.loupe.training.backbone;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.model.backbone.BackboneValidationProcess;
import dev.loupe.model.backbone.BackboneValidationProcess.Outcome;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.FullDisk;
import dev.loupe.training.Networks;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackboneValidatorIT {
    private static final NetworkInput INPUT = new NetworkInput(255, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
    private static final BooleanSupplier WAITING = () -> false;

    @TempDir
    Path folder;

    private static BackboneConfig config(Map<String, String> values) {
        Map<String, String> properties = new HashMap<>();
        values.forEach((key, value) -> properties.put("loupe.training.backbones." + key, value));
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .addDiscoveredConverters()
                .withMapping(BackboneConfig.class)
                .build()
                .getConfigMapping(BackboneConfig.class);
    }

    private Outcome run(Map<String, String> values, byte[] network, BooleanSupplier abandoned) throws IOException {
        Path file = Files.write(folder.resolve("network.onnx"), network);
        return new BackboneValidator(config(values), new ObjectMapper()).backbone(file, INPUT, abandoned);
    }

    private String refusal(byte[] network) {
        ServiceException refused =
                assertThrows(ServiceException.class, () -> run(Map.of("validation-timeout", "30s"), network, WAITING));
        assertEquals(ErrorCode.BACKBONE_INVALID, refused.code(), refused.getMessage());
        assertNoProcessIsLeft();
        return refused.getMessage();
    }

    private static void assertNoProcessIsLeft() {
        await().atMost(Duration.ofMinutes(2)).until(() -> ProcessHandle.current()
                .descendants()
                .noneMatch(process ->
                        process.info().commandLine().orElse("").contains(BackboneValidationProcess.class.getName())));
    }

    @Test
    void findsTheOutputsOfANetwork() throws IOException {
        Outcome outcome = run(Map.of(), Networks.modest(), WAITING);
        assertEquals("maps", outcome.featureMaps().getFirst().output());
        assertEquals(2, outcome.featureMaps().getFirst().stride());
    }

    @Test
    void refusesWhatNeedsTooMuchMemory() {
        assertTrue(refusal(Networks.largeIntermediate()).contains("alloc"));
        assertTrue(refusal(Networks.largeInput()).contains("memory"));
    }

    @Test
    void refusesLoopsAndEndlessGraphsBeforeTheyRun() {
        assertTrue(refusal(Networks.endless()).contains("loop"));
        assertTrue(refusal(Networks.manyNodes()).contains("nodes"));
    }

    @Test
    void refusesWhatGivesNaNForAnImageWithoutContrast() {
        assertTrue(refusal(Networks.contrast()).contains("not finite"));
    }

    @Test
    void killsAValidationThatTakesTooLong() {
        ServiceException late = assertThrows(
                ServiceException.class, () -> run(Map.of("validation-timeout", "3s"), Networks.slow(), WAITING));
        assertEquals(ErrorCode.BACKBONE_INVALID, late.code());
        assertTrue(late.getMessage().contains("3 s"), late.getMessage());
        assertNoProcessIsLeft();
    }

    @Test
    void killsAValidationWhoseClientHasGone() {
        AtomicBoolean gone = new AtomicBoolean();
        Thread.ofVirtual().start(() -> {
            await().atMost(Duration.ofMinutes(2)).until(() -> Files.exists(folder.resolve("validation.log")));
            gone.set(true);
        });
        assertThrows(
                ServiceException.class, () -> run(Map.of("validation-timeout", "60s"), Networks.slow(), gone::get));
        assertNoProcessIsLeft();
    }

    @Test
    void aFullDiskIsNoFaultOfTheNetwork() throws Exception {
        Path file = Files.write(folder.resolve("network.onnx"), Networks.modest());
        try (FullDisk disk = FullDisk.mount()) {
            BackboneValidator validator = new BackboneValidator(config(Map.of()), new ObjectMapper());
            ServiceException full = assertThrows(
                    ServiceException.class, () -> validator.run(file, INPUT, disk.folder(), List.of(), WAITING));
            assertEquals(ErrorCode.STORAGE_FULL, full.code());

            InputStream body = new ByteArrayInputStream(new byte[4 << 20]);
            Path spool = disk.folder().resolve("upload");
            full = assertThrows(ServiceException.class, () -> new Upload(config(Map.of())).receive(body, spool));
            assertEquals(ErrorCode.STORAGE_FULL, full.code());
        }
    }

    @Test
    void endsAnUploadThatTricklesOrIsTooLarge() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 0;
            }
        };
        assertEquals(ErrorCode.REQUEST_TOO_SLOW, refusal(Map.of("upload-timeout", "0.2s"), endless));
        assertEquals(ErrorCode.REQUEST_TOO_LARGE, refusal(Map.of("max-file-size", "1M"), endless));
    }

    private ErrorCode refusal(Map<String, String> values, InputStream body) {
        Upload upload = new Upload(config(values));
        return assertThrows(ServiceException.class, () -> upload.receive(body, folder.resolve("upload")))
                .code();
    }

    @Test
    void removesWhatAKilledServiceHasLeft() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        Path left = Files.createDirectories(
                folder.resolve(Long.toString(ended.pid())).resolve("import1"));
        Files.write(left.resolve("network.onnx"), new byte[10]);
        Path own = Files.createDirectories(
                folder.resolve(Long.toString(ProcessHandle.current().pid())).resolve("import2"));
        Path alive = Files.createDirectories(folder.resolve("1").resolve("import3"));

        ImportFolder importFolder = new ImportFolder(config(Map.of("directory", folder.toString())));
        importFolder.sweepAtStart(null);

        assertTrue(Files.notExists(left.getParent()));
        assertTrue(Files.notExists(own));
        assertTrue(Files.exists(alive));
        assertTrue(Files.exists(importFolder.create()));
    }
}
