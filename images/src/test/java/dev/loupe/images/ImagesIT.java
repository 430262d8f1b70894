package dev.loupe.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import dev.loupe.cli.CommandException;
import dev.loupe.local.LocalStack;
import dev.loupe.local.LocalStackOptions;
import dev.loupe.local.Ports;
import dev.loupe.local.Server;
import dev.loupe.local.StackListener;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real images of the modules as they were built. */
class ImagesIT {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

    /** In a folder that is kept: linking the Java runtime of the offline base and training the caches take a while. */
    private static final ImageSet CHART_IMAGES = ImageSet.ofTheChart(HOME, ImageBuilder.OFFLINE);

    @TempDir
    private Path folder;

    @Test
    void theSameBuildGivesTheSameBytes() throws Exception {
        String base = "tar://" + tinyBase();

        ImageArchive one = new ImageBuilder(HOME, folder.resolve("1"), base)
                .build(LoupeImage.TRAINING_SERVICE, "loupe/training:1");
        ImageArchive two = new ImageBuilder(HOME, folder.resolve("2"), base)
                .build(LoupeImage.TRAINING_SERVICE, "loupe/training:1");

        assertEquals(one.digest(), two.digest());
        assertEquals(-1, Files.mismatch(one.file(), two.file()), "the archives are of the same bytes");
    }

    @Test
    void anotherTagIsAnotherArchiveOfTheSameImage() throws Exception {
        String base = "tar://" + tinyBase();
        ImageBuilder builder = new ImageBuilder(HOME, folder, base);

        ImageArchive one = builder.build(LoupeImage.TRAINING_SERVICE, "loupe/training:1");
        ImageArchive two = builder.build(LoupeImage.TRAINING_SERVICE, "loupe/training:2");

        assertEquals(one.digest(), two.digest());
    }

    /** A base with libtorch for CUDA says so by its environment. */
    @Test
    void theEnvironmentOfTheBaseStays() throws Exception {
        ImageArchive image = new ImageBuilder(HOME, folder, "tar://" + tinyBase())
                .build(LoupeImage.TRAINING_SERVICE, "loupe/training:1");

        List<String> environment =
                UnpackedImage.of(image, folder.resolve("unpacked")).strings("Env");
        assertTrue(environment.contains("PYTORCH_FLAVOR=cu128"), environment.toString());
        assertTrue(environment.contains("ORT_DISABLE_TELEMETRY=1"), environment.toString());
    }

    @Test
    void aBaseThatIsNotThereIsNamed() {
        ImageBuilder builder = new ImageBuilder(HOME, folder, "tar://" + folder.resolve("absent.tar"));

        CommandException refused = assertThrows(
                CommandException.class, () -> builder.build(LoupeImage.TRAINING_SERVICE, "loupe/training:1"));

        assertTrue(refused.getMessage().contains("absent.tar"), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"DATASET_SERVICE, 350", "INFERENCE_SERVICE, 350", "TRAINING_SERVICE, 200", "CONSOLE, 150"})
    void anImageIsSmallAndRunsWithoutRoot(LoupeImage image, int megabytes) throws Exception {
        ImageArchive archive = new ImageBuilder(HOME, CHART_IMAGES.output(), ImageBuilder.OFFLINE)
                .build(image, "loupe/" + image.label() + ":0.1.0");

        UnpackedImage unpacked = UnpackedImage.of(archive, folder.resolve("unpacked"));
        long size = FileUtils.sizeOfDirectory(unpacked.root().toFile()) / 1_000_000;
        assertTrue(size <= megabytes, image.label() + " is " + size + " MB on disk, at most " + megabytes);
        assertEquals("65532:65532", unpacked.config().path("User").asText());
        List<String> start = unpacked.strings("Entrypoint");
        assertEquals("java", start.getFirst());
        assertTrue(start.contains("-Djava.io.tmpdir=/tmp"), start.toString());
        assertFalse(unpacked.config().path("ExposedPorts").isEmpty());
        assertEquals(
                image == LoupeImage.TRAINING_SERVICE,
                Files.exists(unpacked.root().resolve("bin/sh")),
                "it has a shell");
        for (String name : image.sboms(HOME).keySet()) {
            String bom = Files.readString(unpacked.root().resolve("app").resolve(name));
            assertTrue(bom.contains("\"CycloneDX\""), bom);
        }
    }

    @Test
    void servicesStartFromTheCachesOfTheirImages() throws Exception {
        Map<Server, List<String>> commands = new EnumMap<>(Server.class);
        Map<LoupeImage, ImageArchive> images = new EnumMap<>(LoupeImage.class);
        CHART_IMAGES.build(
                Stream.of(LoupeImage.values())
                        .filter(image -> image.service().isPresent())
                        .toList(),
                images::put);
        for (LoupeImage image : images.keySet()) {
            UnpackedImage unpacked = UnpackedImage.of(images.get(image), folder.resolve(image.label()));
            // "on": a JVM that cannot use the cache does not start.
            commands.put(image.service().orElseThrow(), unpacked.command(List.of("-XX:AOTMode=on")));
        }
        LocalStackOptions options =
                new LocalStackOptions(HOME, folder.resolve("data"), Ports.FREE, false, true, commands);

        try (LocalStack stack = LocalStack.start(options, StackListener.SILENT)) {
            stack.startConsole().orElseThrow();
        }

        File jars = folder.resolve("dataset-service/root/app/lib/main").toFile();
        File jar = FileUtils.listFiles(jars, new String[] {"jar"}, false)
                .iterator()
                .next();
        assertTrue(jar.setLastModified(System.currentTimeMillis()));
        CommandException refused =
                assertThrows(CommandException.class, () -> LocalStack.start(options, StackListener.SILENT));
        assertTrue(refused.getMessage().contains("dataset-service could not start"), refused.getMessage());
    }

    private Path tinyBase() throws Exception {
        Path file = Files.writeString(folder.resolve("release"), "a base of one file");
        Path archive = folder.resolve("base.tar");
        Jib.fromScratch()
                .addLayer(List.of(file), AbsoluteUnixPath.get("/etc"))
                .addEnvironmentVariable("PYTORCH_FLAVOR", "cu128")
                .containerize(Containerizer.to(TarImage.at(archive).named("base"))
                        .setBaseImageLayersCache(folder.resolve("cache"))
                        .setApplicationLayersCache(folder.resolve("cache")));
        return archive;
    }
}
