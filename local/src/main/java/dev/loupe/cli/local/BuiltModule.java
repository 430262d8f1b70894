package dev.loupe.cli.local;

import dev.loupe.cli.CommandException;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A module as Maven built it.
 *
 * @param home Loupe's folder
 * @param module path of the module in it, such as {@code training-service/trainer}
 */
public record BuiltModule(Path home, String module) {
    /** Class that starts a service from a plain class path. */
    public static final String SERVICE_MAIN = "io.quarkus.runner.GeneratedMain";

    /**
     * What the JVM of a service is told. Services start often, and their heavy work is native: the quick compiler and the
     * simple collector are enough. With the optimizing compiler a start costs nearly twice the processor time, and
     * inference-service answers no faster.
     */
    public static final List<String> SERVICE_JVM = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
            // Of no language: classes with translated messages are not looked for, hundreds of jars each time.
            "-Dorg.jboss.logging.locale=und");

    /**
     * Class path of a plain program: its module's jar, and what it needs, in this order. A resource of ours may stand in
     * for one of a jar behind it.
     *
     * @throws CommandException when it is not built
     */
    public List<Path> program() throws IOException {
        Path target = home.resolve(module).resolve("target");
        List<Path> jars = new ArrayList<>(jars(target));
        Path needed = target.resolve("classpath");
        if (!Files.exists(needed)) {
            throw notBuilt();
        }
        Arrays.stream(Files.readString(needed).strip().split(File.pathSeparator))
                .map(Path::of)
                .forEach(jars::add);
        return jars;
    }

    /**
     * Class path of a service. Quarkus' own launcher loads classes by a loader whose classes no cache of the JVM takes
     * in; on a plain class path, with a shared archive, a start costs 3.4 seconds of processor time in place of 5.7.
     *
     * @throws CommandException when it is not built
     */
    public List<Path> service() throws IOException {
        Path built = home.resolve(module).resolve("target/quarkus-app");
        if (!Files.exists(built.resolve("quarkus-run.jar"))) {
            throw notBuilt();
        }
        // The order decides: Quarkus' changes of classes come before the classes.
        List<Path> jars = new ArrayList<>(jars(built.resolve("quarkus")).reversed());
        for (String part : List.of("app", "lib/main", "lib/boot")) {
            jars.addAll(jars(built.resolve(part)));
        }
        return jars;
    }

    private List<Path> jars(Path folder) throws IOException {
        List<Path> jars = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.jar")) {
            found.forEach(jars::add);
        } catch (IOException absent) {
            throw notBuilt();
        }
        if (jars.isEmpty()) {
            throw notBuilt();
        }
        jars.sort(null);
        return jars;
    }

    private CommandException notBuilt() {
        return new CommandException(module + " is not built: build it with mvn install -DskipTests");
    }
}
