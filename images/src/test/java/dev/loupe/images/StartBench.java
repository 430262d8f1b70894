package dev.loupe.images;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.local.LocalStack;
import dev.loupe.local.LocalStackOptions;
import dev.loupe.local.Ports;
import dev.loupe.local.Server;
import dev.loupe.local.StackListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long the services of the images take to get ready, with their caches and without, one after the other in one run:
 * a benchmark, run by {@code ./loupe bench} and by no test. Prints medians.
 */
class StartBench {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Path OUTPUT = HOME.resolve("target/images");
    private static final int ROUNDS = 7;
    private static final double CLOCK_TICKS = 100;

    /** Wall-clock time until it answers as ready, processor time and resident memory at that moment. */
    private record Start(double wall, double processor, double megabytes) {}

    @TempDir
    private Path folder;

    @Test
    void withACacheAndWithout() throws Exception {
        Map<Server, List<String>> plain = new EnumMap<>(Server.class);
        Map<Server, List<String>> cached = new EnumMap<>(Server.class);
        ImageBuilder builder = new ImageBuilder(HOME, OUTPUT, ImageBuilder.OFFLINE);
        Map<LoupeImage, ImageArchive> images = new EnumMap<>(LoupeImage.class);
        for (LoupeImage image : LoupeImage.values()) {
            if (image.service().isPresent()) {
                images.put(image, builder.build(image, "loupe/bench:1"));
                plain.put(image.service().get(), command(images.get(image), image + "-plain"));
            }
        }
        Map<LoupeImage, Path> caches = new StartCaches(HOME, builder.scratch()).of(images);
        for (LoupeImage image : caches.keySet()) {
            ImageArchive with = builder.build(image, "loupe/bench:1", Optional.of(caches.get(image)));
            cached.put(image.service().orElseThrow(), command(with, image + "-cached"));
        }
        try (LocalStack without = start("without", plain);
                LocalStack with = start("with", cached)) {
            for (Server server : plain.keySet()) {
                end(without, server);
                end(with, server);
            }
            for (Server server : plain.keySet()) {
                List<Start> slow = new ArrayList<>();
                List<Start> quick = new ArrayList<>();
                for (int i = 0; i < ROUNDS; i++) {
                    slow.add(start(without, server));
                    quick.add(start(with, server));
                }
                print(server, "without", slow);
                print(server, "with", quick);
            }
        }
    }

    private List<String> command(ImageArchive image, String name) throws Exception {
        return UnpackedImage.of(image, folder.resolve(name)).command(List.of());
    }

    private LocalStack start(String name, Map<Server, List<String>> commands) {
        LocalStack stack = LocalStack.start(
                new LocalStackOptions(HOME, folder.resolve(name), Ports.FREE, false, true, commands),
                StackListener.SILENT);
        stack.startConsole();
        return stack;
    }

    /** Alone: no other service runs beside it. */
    private static Start start(LocalStack stack, Server server) throws Exception {
        stack.restart(server);
        Start measured = measure(stack, server);
        end(stack, server);
        return measured;
    }

    private static void end(LocalStack stack, Server server) throws InterruptedException {
        Process process = stack.process(server);
        process.destroy();
        process.waitFor();
    }

    private static Start measure(LocalStack stack, Server server) throws IOException {
        ProcessHandle process = stack.process(server).toHandle();
        // Not by its start instant: to that the JVM adds the time of the boot, which the kernel tells in whole seconds.
        double now =
                Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ")[0]);
        String[] statistics = Files.readString(Path.of("/proc/" + process.pid() + "/stat"))
                .replaceAll(".*\\) ", "")
                .split(" ");
        double ticks = Double.parseDouble(statistics[11]) + Double.parseDouble(statistics[12]);
        double begun = Double.parseDouble(statistics[19]) / CLOCK_TICKS;
        try (Stream<String> status = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            String resident =
                    status.filter(line -> line.startsWith("VmRSS:")).findFirst().orElseThrow();
            return new Start(
                    now - begun, ticks / CLOCK_TICKS, Double.parseDouble(resident.replaceAll("\\D", "")) / 1024);
        }
    }

    private static void print(Server server, String kind, List<Start> starts) {
        assertTrue(starts.size() == ROUNDS);
        System.out.printf(
                Locale.ROOT,
                "BENCH %-18s %-8s ready after %5.2f s (%.2f to %.2f), processor %5.2f s, resident %4.0f MB%n",
                server.label(),
                kind + " cache",
                median(starts.stream().mapToDouble(Start::wall).toArray()),
                starts.stream().mapToDouble(Start::wall).min().orElseThrow(),
                starts.stream().mapToDouble(Start::wall).max().orElseThrow(),
                median(starts.stream().mapToDouble(Start::processor).toArray()),
                median(starts.stream().mapToDouble(Start::megabytes).toArray()));
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
