package dev.loupe.tests.path;

import dev.loupe.cli.command.Loupe;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs the program of the script {@code ./loupe} as a process. */
record LoupeProgram(Path folder, Map<String, String> environment) {
    static final Path HOME = Path.of("..").toAbsolutePath().normalize();

    /** Background processes of a shell ignore Ctrl-C, and a JVM inherits that. */
    private static final List<String> WITH_SIGNALS =
            runs("env", "--default-signal=INT", "true") ? List.of("env", "--default-signal=INT") : List.of();

    private static final String CLASS_PATH = classPath();

    record Ended(int status, String output) {}

    /** That of this process; without folders where Loupe's modules are jars: the JVM archives no classes of folders. */
    private static String classPath() {
        String all = System.getProperty("java.class.path");
        boolean hasJars = Loupe.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath()
                .endsWith(".jar");
        return !hasJars
                ? all
                : Stream.of(all.split(File.pathSeparator))
                        .filter(entry -> entry.endsWith(".jar"))
                        .collect(Collectors.joining(File.pathSeparator));
    }

    /** A file of the shared data; it may be absent. */
    static Path shared(String file) {
        return HOME.resolve(Optional.ofNullable(System.getenv("LOUPE_SHARED")).orElse("../shared"))
                .resolve(file)
                .normalize();
    }

    private static boolean runs(String... command) {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException notThere) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    Process start(List<String> arguments, Path output) throws IOException {
        List<String> command = new ArrayList<>(WITH_SIGNALS);
        command.addAll(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-XX:+AutoCreateSharedArchive", // as the script does
                "-XX:SharedArchiveFile=" + Path.of("target/loupe.jsa").toAbsolutePath(),
                "-Xlog:cds=off",
                "-Xlog:cds+dynamic=off",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.awt.headless=true",
                "-Dloupe.home=" + HOME,
                Loupe.class.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        builder.environment().put("CLASSPATH", CLASS_PATH);
        return builder.start();
    }

    Ended run(List<String> arguments) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", ".txt");
        Process process = start(arguments, output);
        if (!process.waitFor(12, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(arguments + " did not end:\n" + Files.readString(output));
        }
        return new Ended(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }
}
