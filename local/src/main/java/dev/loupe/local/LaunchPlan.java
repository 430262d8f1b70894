package dev.loupe.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.io.FileUtils;

/** The command and the environment of each server. */
final class LaunchPlan {
    // As in dev.loupe.devstack.
    private static final String STORAGE_ACCESS_KEY = "loupe";
    private static final String BUCKET = "loupe";
    private static final String CONSOLE = "console/gateway";
    private static final String LOOPBACK = "127.0.0.1";
    // Host names of this machine that requests from a browser may name.
    private static final String ALLOWED_HOSTS = "localhost,127.0.0.1,[::1]";

    private final LocalStackOptions options;
    private final Ports ports;
    private final Secrets secrets;
    private final String java;
    private final Installation installation;

    LaunchPlan(LocalStackOptions options, Ports ports, Secrets secrets) {
        this.options = options;
        this.ports = ports;
        this.secrets = secrets;
        this.java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        this.installation = new Installation(options.home());
    }

    /** Builder of the server's process, output not yet redirected. */
    ProcessBuilder process(Server server) throws IOException {
        List<String> given = options.commands().get(server);
        ProcessBuilder builder = given == null ? installed(server) : new ProcessBuilder(given);
        builder.directory(options.data().toFile());
        builder.environment().putAll(environment(server));
        builder.environment().putAll(options.environment());
        return builder;
    }

    private ProcessBuilder installed(Server server) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                java,
                "-XX:-UsePerfData",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(sharedArchive(server));
        command.addAll(
                switch (server) {
                    case DEVSTACK -> devstack(options.brokerApart() ? "postgres,s3" : "postgres,kafka,s3");
                    case BROKER -> devstack("kafka");
                    case DATASET -> service(server, "dataset-service");
                    case TRAINING -> service(server, "training-service/service");
                    case INFERENCE -> service(server, "inference-service");
                    case CONSOLE -> service(server, CONSOLE);
                });
        return new ProcessBuilder(command);
    }

    /** Whether the console can be started: its pages are built only where there is Node. */
    boolean hasConsole() {
        return options.commands().containsKey(Server.CONSOLE) || LocalOptions.hasConsolePages(options.home());
    }

    /** Classes that were read once are mapped the next time: the JVM writes the archive when it ends. */
    private List<String> sharedArchive(Server server) throws IOException {
        Path folder = Files.createDirectories(installation.folder());
        return List.of(
                "-XX:+AutoCreateSharedArchive",
                "-XX:SharedArchiveFile=" + folder.resolve(server.label() + ".jsa"),
                "-Xlog:cds=off",
                "-Xlog:cds+dynamic=off");
    }

    private List<String> devstack(String parts) throws IOException {
        return List.of(
                "-cp",
                installation.program("common/devstack"),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "dev.loupe.devstack.DevstackMain",
                "--data",
                options.data().resolve("devstack").toString(),
                "--parts",
                parts,
                "--postgres-port",
                Integer.toString(ports.postgres()),
                "--kafka-port",
                Integer.toString(ports.kafka()),
                "--s3-port",
                Integer.toString(ports.s3()));
    }

    /** What it unpacks goes with its folder: a JVM that is killed removes nothing, and ONNX Runtime alone is 28 MB. */
    private List<String> service(Server server, String module) throws IOException {
        Path temporary = options.data().resolve(DataFolder.TEMPORARY).resolve(server.label());
        FileUtils.deleteDirectory(temporary.toFile());
        Files.createDirectories(temporary);
        List<String> arguments = new ArrayList<>(ServiceMemory.of(server).options());
        arguments.add("-Djava.io.tmpdir=" + temporary);
        arguments.addAll(new BuiltModule(options.home(), module).serviceJvm());
        arguments.addAll(List.of("-jar", installation.service(module)));
        return arguments;
    }

    private Map<String, String> environment(Server server) throws IOException {
        Map<String, String> environment = new HashMap<>();
        // Waiting threads must not use the cores that other processes compute on.
        environment.put("OMP_WAIT_POLICY", "PASSIVE");
        environment.put("OPT_OUT_TRACKING", "true");
        environment.put("ORT_DISABLE_TELEMETRY", "1");
        // What a damaged image is told about goes to the client, not to the log.
        environment.put("OPENCV_LOG_LEVEL", "SILENT");
        switch (server) {
            case DEVSTACK, BROKER -> {
                environment.put("LOUPE_DEVSTACK_SECRET", secrets.administrator());
                environment.put("LOUPE_DEVSTACK_STORAGE_SECRET", secrets.storage());
                secrets.accounts()
                        .forEach((account, password) -> environment.put(
                                "LOUPE_DEVSTACK_PASSWORD_" + account.toUpperCase(Locale.ROOT), password));
            }
            case DATASET -> addService(environment, server, ports.dataset(), "dataset");
            case TRAINING -> {
                addService(environment, server, ports.training(), "training");
                environment.put("LOUPE_TRAINING_PROCESS_JAVA", java);
                environment.put(
                        "LOUPE_TRAINING_PROCESS_CLASSPATH_FILE",
                        trainerClassPath().toString());
                environment.put(
                        "LOUPE_TRAINING_PROCESS_DIRECTORY",
                        options.data().resolve("runs").toString());
                environment.put(
                        "LOUPE_TRAINING_RECIPES_DIRECTORY",
                        options.data().resolve("recipes").toString());
            }
            case INFERENCE -> {
                addService(environment, server, ports.inference(), "inference");
                environment.putAll(BuiltModule.INFERENCE_ENVIRONMENT);
                environment.put("QUARKUS_GRPC_SERVER_HOST", LOOPBACK);
                environment.put("QUARKUS_GRPC_SERVER_PORT", Integer.toString(ports.grpc()));
                environment.put(
                        "LOUPE_INFERENCE_CACHE_DIRECTORY",
                        options.data().resolve("models").toString());
            }
            case CONSOLE -> {
                environment.put("QUARKUS_HTTP_HOST", LOOPBACK);
                environment.put("QUARKUS_HTTP_PORT", Integer.toString(ports.console()));
                environment.put("LOUPE_CONSOLE_DATASET_SERVICE", "http://127.0.0.1:" + ports.dataset());
                environment.put("LOUPE_CONSOLE_TRAINING_SERVICE", "http://127.0.0.1:" + ports.training());
                environment.put("LOUPE_CONSOLE_INFERENCE_SERVICE", "http://127.0.0.1:" + ports.inference());
            }
        }
        return environment;
    }

    private Path trainerClassPath() throws IOException {
        Path file = options.data().resolve("trainer.classpath");
        return Files.writeString(file, installation.program("training-service/trainer"));
    }

    private void addService(Map<String, String> environment, Server server, int httpPort, String schema) {
        environment.putAll(ServiceMemory.of(server).environment());
        environment.put("QUARKUS_HTTP_HOST", LOOPBACK);
        environment.put("LOUPE_HTTP_ALLOWED_HOSTS", ALLOWED_HOSTS);
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(httpPort));
        environment.put(
                "QUARKUS_DATASOURCE_JDBC_URL",
                "jdbc:postgresql://127.0.0.1:" + ports.postgres() + "/postgres?currentSchema=" + schema);
        environment.put("QUARKUS_DATASOURCE_USERNAME", schema);
        environment.put("QUARKUS_DATASOURCE_PASSWORD", secrets.accounts().get(schema));
        environment.put("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + ports.kafka());
        environment.put("LOUPE_STORAGE_ENDPOINT", "http://127.0.0.1:" + ports.s3());
        environment.put("LOUPE_STORAGE_ACCESS_KEY", STORAGE_ACCESS_KEY);
        environment.put("LOUPE_STORAGE_SECRET_KEY", secrets.storage());
        environment.put("LOUPE_STORAGE_BUCKET", BUCKET);
    }
}
