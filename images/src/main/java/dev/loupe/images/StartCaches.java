package dev.loupe.images;

import dev.loupe.cli.CommandException;
import dev.loupe.local.LocalStack;
import dev.loupe.local.LocalStackOptions;
import dev.loupe.local.Ports;
import dev.loupe.local.Server;
import dev.loupe.local.StackListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.FileUtils;

/**
 * Makes the AOT caches of services (JEP 483): classes that the JVM has read and linked before. The Java runtimes of the
 * container images start the services once on this machine, on the servers of the local mode, and write what the start
 * used.
 */
final class StartCaches {
    private final Path home;
    private final Path folder;

    /**
     * @param home Loupe's folder, with its modules built
     * @param scratch folder that keeps the caches
     */
    StartCaches(Path home, Path scratch) {
        this.home = home;
        this.folder = scratch.resolve("start-caches").toAbsolutePath();
    }

    /**
     * A cache is kept by the digest of its image, because two caches of one image differ in some bytes.
     *
     * @param images of services, without caches
     * @return the cache of each
     * @throws CommandException when a service does not start with the Java runtime of its image on this machine
     */
    Map<LoupeImage, Path> of(Map<LoupeImage, ImageArchive> images) throws IOException, InterruptedException {
        Map<LoupeImage, Path> caches = new EnumMap<>(LoupeImage.class);
        Map<LoupeImage, UnpackedImage> missing = new EnumMap<>(LoupeImage.class);
        for (Map.Entry<LoupeImage, ImageArchive> entry : images.entrySet()) {
            Path own = folder.resolve(entry.getKey().label());
            Path cache = own.resolve(entry.getValue().digest().replace(':', '-') + ".aot");
            caches.put(entry.getKey(), cache);
            if (!Files.exists(cache)) {
                missing.put(entry.getKey(), UnpackedImage.of(entry.getValue(), own));
            }
        }
        if (!missing.isEmpty()) {
            startOnce(missing);
            for (Map.Entry<LoupeImage, UnpackedImage> entry : missing.entrySet()) {
                write(entry.getKey(), entry.getValue(), caches.get(entry.getKey()));
            }
        }
        return caches;
    }

    private void startOnce(Map<LoupeImage, UnpackedImage> images) throws IOException {
        Map<Server, List<String>> commands = new EnumMap<>(Server.class);
        images.forEach((image, unpacked) ->
                commands.put(image.service().orElseThrow(), command(image, unpacked, "-XX:AOTMode=record")));
        Path data = folder.resolve("data");
        LocalStackOptions options = new LocalStackOptions(home, data, Ports.FREE, false, true, commands);
        try (LocalStack stack = LocalStack.start(options, StackListener.SILENT)) {
            if (images.containsKey(LoupeImage.CONSOLE)) {
                stack.startConsole();
            }
        }
        FileUtils.deleteDirectory(data.toFile());
    }

    private void write(LoupeImage image, UnpackedImage unpacked, Path cache) throws IOException, InterruptedException {
        Path next = Path.of(cache + ".next");
        Process process = new ProcessBuilder(command(image, unpacked, "-XX:AOTMode=create", "-XX:AOTCache=" + next))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new CommandException("the JVM of " + image.label() + " wrote no AOT cache: " + output.strip());
        }
        FileUtils.deleteDirectory(unpacked.root().toFile());
        Files.move(next, cache);
    }

    private List<String> command(LoupeImage image, UnpackedImage unpacked, String... options) {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("-XX:AOTConfiguration=" + folder.resolve(image.label()).resolve("configuration"));
        // A cache knows how objects are addressed: as in heaps of less than 32 GB.
        all.add("-Xmx1g");
        all.add("-Xlog:aot*=error");
        return unpacked.command(all);
    }
}
