package dev.loupe.images;

import com.google.cloud.tools.jib.api.buildplan.Port;
import dev.loupe.cli.CommandException;
import dev.loupe.local.LocalOptions;
import dev.loupe.local.Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The container images that Loupe consists of in a cluster. */
enum LoupeImage {
    // The heap has a share of the memory; the rest is for what OpenCV, ONNX Runtime and PyTorch allocate themselves.
    DATASET_SERVICE("dataset-service", Server.DATASET, null, 50, 8080),
    TRAINING_SERVICE("training-service/service", Server.TRAINING, null, 25, 8081),
    INFERENCE_SERVICE("inference-service", Server.INFERENCE, null, 40, 8082, 9000),
    CONSOLE("console/gateway", Server.CONSOLE, null, 30, 8090),
    TRAINER("training-service/trainer", null, "dev.loupe.trainer.Trainer", 40),
    DEVSTACK("common/devstack", null, "dev.loupe.devstack.DevstackMain", 40, 5432, 9092, 9090),
    CLI("cli", null, "dev.loupe.cli.command.Loupe", 50);

    private final String module;
    private final Server server;
    private final String mainClass;
    private final int heapPercent;
    private final List<Port> ports;

    LoupeImage(String module, Server server, String mainClass, int heapPercent, int... ports) {
        this.module = module;
        this.server = server;
        this.mainClass = mainClass;
        this.heapPercent = heapPercent;
        this.ports = Arrays.stream(ports).mapToObj(Port::tcp).toList();
    }

    /** Name of the image, and of its archive: {@code dataset-service}. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Path of the Maven module from Loupe's folder. */
    String module() {
        return module;
    }

    /** Which service it is; empty for a plain program. */
    Optional<Server> service() {
        return Optional.ofNullable(server);
    }

    /** Main class of a plain program. */
    String mainClass() {
        return mainClass;
    }

    /** Whether something in it needs a shell: PostgreSQL's initdb, and what limits the check of a network. */
    boolean hasShell() {
        return this == DEVSTACK || this == TRAINING_SERVICE;
    }

    /**
     * The bills of materials (CycloneDX) that are in the image, by their names there: what its jars are, and of the console
     * what its pages are made of.
     *
     * @throws CommandException when a module is not built
     */
    Map<String, Path> sboms(Path home) {
        Map<String, Path> files = new TreeMap<>();
        files.put("sbom.json", sbom(home, module));
        if (this == CONSOLE && LocalOptions.hasConsolePages(home)) {
            files.put("sbom-pages.json", sbom(home, "console/webui"));
        }
        return files;
    }

    private static Path sbom(Path home, String module) {
        Path file = home.resolve(module).resolve("target/sbom.json");
        if (!Files.exists(file)) {
            throw new CommandException(file + " does not exist: build it with mvn install -DskipTests");
        }
        return file;
    }

    /** Largest heap, as a percentage of the container's memory. */
    int heapPercent() {
        return heapPercent;
    }

    List<Port> ports() {
        return ports;
    }
}
