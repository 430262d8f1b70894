package dev.loupe.images;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import dev.loupe.cli.CommandException;
import dev.loupe.local.BuiltModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Writes images as archives that {@code docker load}, {@code ctr images import} and {@code skopeo} read, without a Docker
 * engine. The same inputs give the same bytes: all times are fixed and files are in the order of their names.
 */
final class ImageBuilder {
    /** Base that is made on this machine, see {@link OfflineBase}. */
    static final String OFFLINE = "offline";

    /** User and group that everything runs as: the "nonroot" of many images, no user of any host. */
    private static final String USER = "65532";

    private static final String CACHE = "start.aot";

    private final Path home;
    private final Path output;
    private final String base;

    /**
     * @param home Loupe's folder, with its modules built
     * @param output folder of the archives
     * @param base {@link #OFFLINE}, the name of an image in a registry, or {@code tar://} and the path of an archive
     */
    ImageBuilder(Path home, Path output, String base) {
        this.home = home;
        this.output = output;
        this.base = base;
    }

    /** Folder that keeps what the next build can use again. */
    Path scratch() throws IOException {
        return Files.createDirectories(output.resolve(".work"));
    }

    /**
     * @param name of the image, with its tag: {@code loupe/dataset-service:0.1.0}
     * @throws CommandException when the module is not built or the base cannot be read
     */
    ImageArchive build(LoupeImage image, String name) throws IOException, InterruptedException {
        return build(image, name, Optional.empty());
    }

    /** @param cache that the JVM starts with, see {@link StartCaches} */
    ImageArchive build(LoupeImage image, String name, Optional<Path> cache) throws IOException, InterruptedException {
        Path scratch = scratch();
        Application application = Application.of(image, home, scratch.resolve(image.label()));
        List<String> entrypoint = new ArrayList<>(List.of(
                "java",
                "-XX:MaxRAMPercentage=" + image.heapPercent(),
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.awt.headless=true",
                // The only folder that can be written to: native libraries are unpacked there.
                "-Djava.io.tmpdir=/tmp",
                "-Dorg.bytedeco.javacpp.cachedir=/tmp/javacpp",
                "-Dai.djl.offline=true"));
        cache.ifPresent(file -> entrypoint.add("-XX:AOTCache=" + CACHE));
        entrypoint.addAll(application.arguments());
        JibContainerBuilder container = from(scratch, image)
                .addFileEntriesLayer(accounts(scratch))
                .setEntrypoint(entrypoint)
                .setUser(USER + ":" + USER)
                .setWorkingDirectory(Application.ROOT)
                .setExposedPorts(image.ports().toArray(new com.google.cloud.tools.jib.api.buildplan.Port[0]))
                .setLabels(labels(image))
                .setFormat(ImageFormat.Docker)
                .setCreationTime(Instant.EPOCH);
        environment().forEach(container::addEnvironmentVariable);
        if (image == LoupeImage.INFERENCE_SERVICE) {
            BuiltModule.INFERENCE_ENVIRONMENT.forEach(container::addEnvironmentVariable);
        }
        application.layers().forEach(container::addFileEntriesLayer);
        cache.ifPresent(file -> container.addFileEntriesLayer(FileEntriesLayer.builder()
                .setName("start")
                .addEntry(file, Application.ROOT.resolve(CACHE))
                .build()));
        return write(container, name, output.resolve(image.label() + ".tar"), scratch.resolve("cache"));
    }

    private JibContainerBuilder from(Path scratch, LoupeImage image) throws IOException, InterruptedException {
        if (base.equals(OFFLINE)) {
            return new OfflineBase(scratch).build(image.hasShell());
        }
        try {
            return Jib.from(base);
        } catch (InvalidImageReferenceException wrong) {
            throw new CommandException("--base: invalid image reference '" + base + "'", wrong);
        }
    }

    private ImageArchive write(JibContainerBuilder container, String name, Path file, Path cache)
            throws IOException, InterruptedException {
        // Of our own, and closed: when one step fails, Jib leaves the others at work.
        try (ExecutorService workers = Executors.newCachedThreadPool()) {
            Path next = Files.createDirectories(output).resolve(file.getFileName() + ".next");
            JibContainer built =
                    container.containerize(Containerizer.to(TarImage.at(next).named(ImageReference.parse(name)))
                            .setBaseImageLayersCache(cache)
                            .setApplicationLayersCache(cache)
                            .setExecutorService(workers)
                            .setToolName("loupe"));
            Files.move(next, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            return new ImageArchive(name, built.getDigest().toString(), file);
        } catch (InvalidImageReferenceException wrong) {
            throw new CommandException("invalid image reference '" + name + "'", wrong);
        } catch (ExecutionException | RegistryException | CacheDirectoryCreationException failed) {
            Throwable cause = failed instanceof ExecutionException ? failed.getCause() : failed;
            throw new CommandException(
                    "container image " + name + " cannot be built on the base '" + base + "': " + cause.getMessage(),
                    failed);
        }
    }

    /** The user has a name, which PostgreSQL wants, and a home that can be written to. */
    private static FileEntriesLayer accounts(Path scratch) throws IOException {
        Path users = Files.writeString(
                scratch.resolve("passwd"),
                "root:x:0:0:root:/root:/sbin/nologin\nloupe:x:" + USER + ":" + USER + ":loupe:/tmp:/sbin/nologin\n");
        Path groups = Files.writeString(scratch.resolve("group"), "root:x:0:\nloupe:x:" + USER + ":\n");
        return FileEntriesLayer.builder()
                .setName("accounts")
                .addEntry(users, AbsoluteUnixPath.get("/etc/passwd"))
                .addEntry(groups, AbsoluteUnixPath.get("/etc/group"))
                .build();
    }

    private static Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("HOME", "/tmp");
        environment.put("TMPDIR", "/tmp");
        environment.put("DJL_CACHE_DIR", "/tmp/djl");
        environment.put("OPT_OUT_TRACKING", "true");
        // Else ONNX Runtime collects what it sends to its maker, by a shell, and crashes where there is none.
        environment.put("ORT_DISABLE_TELEMETRY", "1");
        // Threads that wait for work must not burn the cores that others compute on.
        environment.put("OMP_WAIT_POLICY", "PASSIVE");
        return environment;
    }

    private static Map<String, String> labels(LoupeImage image) {
        return Map.of(
                "org.opencontainers.image.title",
                "Loupe " + image.label(),
                "org.opencontainers.image.licenses",
                "Apache-2.0");
    }
}
