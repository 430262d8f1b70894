package dev.loupe.local;

import dev.loupe.cli.CommandException;
import dev.loupe.cli.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options of the commands that start servers on this machine. */
public final class LocalOptions {

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            defaultValue = "${sys:loupe.data}",
            description = "where everything is kept (default: .loupe beside the script)")
    private Path data;

    @Option(names = "--fresh", description = "delete what was kept, and start with nothing")
    private boolean fresh;

    @Option(names = "--dataset-port", paramLabel = "PORT", description = "HTTP of dataset-service (default: 8080)")
    private int dataset = Ports.DEFAULT.dataset();

    @Option(names = "--training-port", paramLabel = "PORT", description = "HTTP of training-service (default: 8081)")
    private int training = Ports.DEFAULT.training();

    @Option(names = "--inference-port", paramLabel = "PORT", description = "HTTP of inference-service (default: 8082)")
    private int inference = Ports.DEFAULT.inference();

    @Option(names = "--grpc-port", paramLabel = "PORT", description = "gRPC of inference-service (default: 9000)")
    private int grpc = Ports.DEFAULT.grpc();

    @Option(names = "--console-port", paramLabel = "PORT", description = "the console (default: 8090)")
    private int console = Ports.DEFAULT.console();

    @Option(names = "--postgres-port", paramLabel = "PORT", description = "PostgreSQL (default: a free one)")
    private int postgres;

    @Option(names = "--kafka-port", paramLabel = "PORT", description = "Kafka (default: a free one)")
    private int kafka;

    @Option(names = "--s3-port", paramLabel = "PORT", description = "object storage (default: a free one)")
    private int s3;

    /** Folder of the repository, which the script passes. */
    public static Path home() {
        String home = System.getProperty("loupe.home");
        if (home == null) {
            throw new CommandException("the system property loupe.home is not set: use the script ./loupe");
        }
        return Path.of(home);
    }

    /** Whether the build made the pages of the console: it leaves them out where there is no Node. */
    public static boolean hasConsolePages(Path home) {
        return Files.exists(home.resolve("console/webui/target/classes/META-INF/resources/index.html"));
    }

    public Path data() {
        return data == null ? home().resolve(".loupe") : data;
    }

    public boolean fresh() {
        return fresh;
    }

    public Ports ports() {
        return new Ports(
                port("--dataset-port", dataset),
                port("--training-port", training),
                port("--inference-port", inference),
                port("--grpc-port", grpc),
                port("--console-port", console),
                port("--postgres-port", postgres),
                port("--kafka-port", kafka),
                port("--s3-port", s3));
    }

    private static int port(String option, int given) {
        if (given < 0 || given > 65_535) {
            throw new UsageException(option + ": expected a port from 1 to 65535, or 0 for a free one, got " + given);
        }
        return given;
    }
}
