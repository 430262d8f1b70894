package dev.loupe.cli.image;

import com.google.cloud.tools.jib.api.buildplan.Port;
import dev.loupe.cli.local.BuiltModule;
import dev.loupe.cli.local.Server;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The images that Loupe consists of in a cluster. */
enum LoupeImage {
    // A share of the memory is for the heap, the rest for what OpenCV, ONNX Runtime and PyTorch allocate themselves.
    DATASET_SERVICE("dataset-service", Server.DATASET, 50, 8080),
    TRAINING_SERVICE("training-service/service", Server.TRAINING, 25, 8081),
    INFERENCE_SERVICE("inference-service", Server.INFERENCE, 40, 8082, 9000),
    TRAINER("training-service/trainer", "dev.loupe.trainer.Trainer", 40),
    DEVSTACK("common/devstack", "dev.loupe.devstack.DevstackMain", 40, 5432, 9092, 9090),
    CLI("cli", "dev.loupe.cli.Loupe", 50);

    private final String module;
    private final Server service;
    private final String mainClass;
    private final int heapPercent;
    private final List<Port> ports;

    LoupeImage(String module, Server service, int heapPercent, int... ports) {
        this(module, service, BuiltModule.SERVICE_MAIN, heapPercent, ports);
    }

    LoupeImage(String module, String mainClass, int heapPercent, int... ports) {
        this(module, null, mainClass, heapPercent, ports);
    }

    LoupeImage(String module, Server service, String mainClass, int heapPercent, int... ports) {
        this.module = module;
        this.service = service;
        this.mainClass = mainClass;
        this.heapPercent = heapPercent;
        this.ports = java.util.Arrays.stream(ports).mapToObj(Port::tcp).toList();
    }

    /** Name of the image, and of its archive: {@code dataset-service}. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Path of the Maven module from Loupe's folder. */
    String module() {
        return module;
    }

    /** Which of the three services it is, if it is one. */
    Optional<Server> service() {
        return Optional.ofNullable(service);
    }

    String mainClass() {
        return mainClass;
    }

    /** Largest heap, as a percentage of the container's memory. */
    int heapPercent() {
        return heapPercent;
    }

    List<Port> ports() {
        return ports;
    }
}
