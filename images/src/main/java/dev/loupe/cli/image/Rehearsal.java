package dev.loupe.cli.image;

import dev.loupe.cli.CommandException;
import dev.loupe.cli.demo.Demonstration;
import dev.loupe.cli.local.LocalStack;
import dev.loupe.cli.local.LocalStackOptions;
import dev.loupe.cli.local.Ports;
import dev.loupe.cli.local.Server;
import dev.loupe.cli.local.StackListener;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Endpoints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/**
 * Makes the caches by which the services start in some third of the time: classes read and linked ahead of time
 * (JEP 483 and 514). The programs of the images run on the Java runtime of the images on this machine. They do the
 * demonstration's job once, are started again, as most starts are of a service that has worked before, and the JVM
 * writes down what that start used. All of a cache is loaded at each start: it has the start, and little more.
 *
 * <p>A cache is kept by the digest of the image that it is for: what has not changed is not rehearsed again, and gives
 * the same bytes. Two caches of the same image differ in some bytes.
 */
final class Rehearsal {
    /** Until the consumers of events have joined their groups: they begin when a service is ready. */
    private static final Duration CONSUMERS_JOIN = Duration.ofSeconds(5);

    private final Path home;
    private final Path folder;
    private final Path kept;

    /**
     * @param home Loupe's folder, with its modules built
     * @param scratch folder that keeps the caches
     */
    Rehearsal(Path home, Path scratch) {
        this.home = home;
        this.folder = scratch.resolve("rehearsal");
        this.kept = scratch.resolve("caches");
    }

    /**
     * @param images of services, without caches
     * @return the cache of each
     * @throws CommandException when a Java runtime of the images does not run here, or a service did not do its job
     */
    Map<LoupeImage, Path> caches(Map<LoupeImage, ImageArchive> images) throws IOException, InterruptedException {
        Map<LoupeImage, Path> caches = new EnumMap<>(LoupeImage.class);
        Map<LoupeImage, UnpackedImage> missing = new EnumMap<>(LoupeImage.class);
        clear(folder);
        for (Map.Entry<LoupeImage, ImageArchive> entry : images.entrySet()) {
            String label = entry.getKey().label();
            String digest = entry.getValue().digest().replace("sha256:", "");
            Path cache = Files.createDirectories(kept).resolve(label + "-" + digest + ".aot");
            caches.put(entry.getKey(), cache);
            if (!Files.exists(cache)) {
                forget(label);
                missing.put(entry.getKey(), UnpackedImage.of(entry.getValue(), folder.resolve(label)));
            }
        }
        if (!missing.isEmpty()) {
            play(missing);
            for (Map.Entry<LoupeImage, UnpackedImage> entry : missing.entrySet()) {
                write(entry.getKey(), entry.getValue(), caches.get(entry.getKey()));
            }
        }
        clear(folder);
        return caches;
    }

    private void play(Map<LoupeImage, UnpackedImage> images) throws IOException, InterruptedException {
        Path drawn = folder.resolve("images");
        Demonstration demonstration = Demonstration.unseen(drawn);
        try (LocalStack stack = start(images, true, this::options)) {
            demonstration.play(stack.endpoints(), List.of());
        }
        try (LocalStack stack = start(
                images, false, image -> options(image, "-XX:AOTMode=record", "-XX:AOTConfiguration=" + notes(image)))) {
            ask(stack.endpoints(), drawn);
            Thread.sleep(CONSUMERS_JOIN);
        }
    }

    private LocalStack start(
            Map<LoupeImage, UnpackedImage> images, boolean fresh, Function<LoupeImage, List<String>> options) {
        Map<Server, List<String>> commands = new EnumMap<>(Server.class);
        images.forEach((image, unpacked) ->
                commands.put(image.service().orElseThrow(), unpacked.command(options.apply(image))));
        return LocalStack.start(
                new LocalStackOptions(home, folder.resolve("data"), Ports.FREE, false, fresh, commands),
                StackListener.SILENT);
    }

    /** A little of each service. */
    private static void ask(Endpoints endpoints, Path images) throws IOException {
        Path image = FileUtils.iterateFiles(images.toFile(), new String[] {"png"}, true)
                .next()
                .toPath();
        try (Connection connection = new Connection(endpoints)) {
            String project =
                    connection.datasets().projects().getFirst().path("name").asText();
            connection.training().runs(project, null, 1);
            connection.models().versions(project);
            connection.predictions().detectAnomaly(project, "", Files.readAllBytes(image), true);
        }
    }

    private void write(LoupeImage image, UnpackedImage unpacked, Path cache) throws IOException, InterruptedException {
        Path next = Path.of(cache + ".next");
        Process process = unpacked.writer(options(
                        image,
                        "-XX:AOTMode=create",
                        "-XX:AOTConfiguration=" + notes(image),
                        "-XX:AOTCache=" + next.toAbsolutePath()))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0 || !Files.exists(next)) {
            throw new CommandException("the JVM made no cache for " + image.label() + ": " + said.strip());
        }
        Files.move(next, cache);
    }

    private Path notes(LoupeImage image) {
        return folder.resolve(image.label() + ".notes");
    }

    private List<String> options(LoupeImage image, String... more) {
        List<String> options = new ArrayList<>(List.of(more));
        options.addAll(List.of(
                // A cache knows how objects are addressed: as in heaps of less than 32 GB, whatever this machine has.
                "-Xmx1g",
                "-Xlog:aot*=error",
                // Of no use to the quick compiler: it would only compile more.
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-AOTRecordTraining",
                "-Djava.io.tmpdir=" + folder,
                "-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("javacpp-" + image.label())));
        return options;
    }

    private void forget(String label) throws IOException {
        try (Stream<Path> caches = Files.list(kept)) {
            for (Path cache : caches.filter(
                            file -> file.getFileName().toString().startsWith(label + "-"))
                    .toList()) {
                Files.delete(cache);
            }
        }
    }

    private static void clear(Path folder) throws IOException {
        FileUtils.deleteDirectory(folder.toFile());
        Files.createDirectories(folder);
    }
}
