package dev.loupe.local;

import dev.loupe.cli.CommandException;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A module as Maven built it.
 *
 * @param home Loupe's folder
 * @param module path of the module in it, such as {@code training-service/trainer}
 */
public record BuiltModule(Path home, String module) {
    /** Starts a service, in its folder: {@code java -jar quarkus-run.jar}. */
    public static final String SERVICE_JAR = "quarkus-run.jar";

    /**
     * Environment of inference-service: one heap of the C library. That gives others back to the system between predictions,
     * and faults them in again, which takes up to a tenth of the processor time of a prediction.
     */
    public static final Map<String, String> INFERENCE_ENVIRONMENT = Map.of("MALLOC_ARENA_MAX", "1");

    private static final String INFERENCE = "inference-service";

    /**
     * JVM options of a service. Services start often, and their heavy work is native: the quick compiler and the simple
     * collector are enough. With the optimizing compiler a start takes nearly twice the processor time. It is worth that
     * in inference-service, whose own work for a prediction takes a third less time with it.
     */
    public List<String> serviceJvm() {
        return module.equals(INFERENCE)
                ? List.of("-XX:+UseSerialGC")
                : List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    }

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
     * Folder of a service as Quarkus packs it, with all jars that it needs.
     *
     * @throws CommandException when it is not built
     */
    public Path service() {
        Path folder = home.resolve(module).resolve("target/quarkus-app");
        if (!Files.exists(folder.resolve(SERVICE_JAR))) {
            throw notBuilt();
        }
        return folder;
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
