package dev.loupe.cli.local;

import dev.loupe.cli.CommandException;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Says with which command and environment each server is started. */
final class LaunchPlan {
    // As in dev.loupe.devstack: constants of servers that listen on 127.0.0.1 only.
    private static final String DATABASE_USER = "postgres";
    private static final String STORAGE_ACCESS_KEY = "loupe";
    private static final String STORAGE_SECRET_KEY = "loupe-local-secret";
    private static final String BUCKET = "loupe";

    private final LocalStackOptions options;
    private final Ports ports;
    private final String java;

    LaunchPlan(LocalStackOptions options, Ports ports) {
        this.options = options;
        this.ports = ports;
        this.java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Builder of the server's process, output not yet redirected. */
    ProcessBuilder process(Server server) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                java,
                "-XX:+UseSerialGC",
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
                    case DATASET -> service("dataset-service", "-Xmx512m", "-XX:TieredStopAtLevel=1");
                    case TRAINING -> service("training-service/service", "-Xmx384m", "-XX:TieredStopAtLevel=1");
                    case INFERENCE -> service("inference-service", "-Xmx768m");
                });
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(options.data().toFile());
        builder.environment().putAll(environment(server));
        return builder;
    }

    /** Classes that were read once are mapped the next time: the JVM writes the archive when it ends. */
    private List<String> sharedArchive(Server server) throws IOException {
        Path folder = Files.createDirectories(options.home().resolve("target/cds"));
        return List.of(
                "-XX:+AutoCreateSharedArchive",
                "-XX:SharedArchiveFile=" + folder.resolve(server.label() + ".jsa"),
                "-Xlog:cds=off",
                "-Xlog:cds+dynamic=off");
    }

    private List<String> devstack(String parts) throws IOException {
        return List.of(
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath("common/devstack"),
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

    private List<String> service(String module, String... jvmOptions) {
        Path jar = options.home().resolve(module).resolve("target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new CommandException(jar + " is not there: build it with mvn install -DskipTests");
        }
        List<String> command = new ArrayList<>(List.of(jvmOptions));
        command.addAll(List.of("-jar", jar.toString()));
        return command;
    }

    /** The jar of a plain program's module, and what it needs. */
    private String classPath(String module) throws IOException {
        Path target = options.home().resolve(module).resolve("target");
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(target, "loupe-*.jar")) {
            return jars.iterator().next()
                    + File.pathSeparator
                    + Files.readString(target.resolve("classpath")).strip();
        } catch (IOException | java.util.NoSuchElementException absent) {
            throw new CommandException(module + " is not built: build it with mvn install -DskipTests", absent);
        }
    }

    private Map<String, String> environment(Server server) throws IOException {
        Map<String, String> environment = new HashMap<>();
        // Threads that wait for work must not burn the cores that others compute on.
        environment.put("OMP_WAIT_POLICY", "PASSIVE");
        environment.put("OPT_OUT_TRACKING", "true");
        switch (server) {
            case DEVSTACK, BROKER -> {}
            case DATASET -> addService(environment, ports.dataset(), "dataset");
            case TRAINING -> {
                addService(environment, ports.training(), "training");
                environment.put("LOUPE_TRAINING_PROCESS_JAVA", java);
                environment.put(
                        "LOUPE_TRAINING_PROCESS_CLASSPATH_FILE",
                        trainerClassPath().toString());
                environment.put(
                        "LOUPE_TRAINING_PROCESS_DIRECTORY",
                        options.data().resolve("runs").toString());
            }
            case INFERENCE -> {
                addService(environment, ports.inference(), "inference");
                environment.put("QUARKUS_GRPC_SERVER_PORT", Integer.toString(ports.grpc()));
                environment.put(
                        "LOUPE_INFERENCE_CACHE_DIRECTORY",
                        options.data().resolve("models").toString());
            }
        }
        return environment;
    }

    private Path trainerClassPath() throws IOException {
        Path file = options.data().resolve("trainer.classpath");
        return Files.writeString(file, classPath("training-service/trainer"));
    }

    private void addService(Map<String, String> environment, int httpPort, String schema) {
        environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(httpPort));
        environment.put(
                "QUARKUS_DATASOURCE_JDBC_URL",
                "jdbc:postgresql://127.0.0.1:" + ports.postgres() + "/postgres?currentSchema=" + schema);
        environment.put("QUARKUS_DATASOURCE_USERNAME", DATABASE_USER);
        environment.put("QUARKUS_DATASOURCE_PASSWORD", DATABASE_USER);
        environment.put("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + ports.kafka());
        environment.put("LOUPE_STORAGE_ENDPOINT", "http://127.0.0.1:" + ports.s3());
        environment.put("LOUPE_STORAGE_ACCESS_KEY", STORAGE_ACCESS_KEY);
        environment.put("LOUPE_STORAGE_SECRET_KEY", STORAGE_SECRET_KEY);
        environment.put("LOUPE_STORAGE_BUCKET", BUCKET);
    }
}
