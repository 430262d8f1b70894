package dev.loupe.devstack;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The servers that Loupe needs, for a laptop and for tests: PostgreSQL, Kafka with Loupe's topics, S3 with Loupe's
 * bucket. By default everything listens on 127.0.0.1 only, and the credentials are constants. With a data folder,
 * PostgreSQL and Kafka acknowledge data after it is on the disk; S3Proxy acknowledges data that the operating system
 * will write soon.
 *
 * <p>Thread-safe. {@link #close()} may be called more than once.
 */
public final class Devstack implements AutoCloseable {

    private final Path temporary;
    private final Exposure exposure;
    private final Future<PostgresServer> postgres;
    private final Future<KafkaBroker> kafka;
    private final Future<ObjectStorageServer> storage;
    private volatile boolean closed;

    private Devstack(DevstackOptions options, ExecutorService starter) throws IOException {
        exposure = options.exposure();
        temporary = options.data() == null ? Files.createTempDirectory("loupe-devstack") : null;
        Path data = (temporary == null ? options.data() : temporary).toAbsolutePath();
        Files.createDirectories(data);
        boolean durable = temporary == null;
        postgres = submit(
                starter,
                options,
                Part.POSTGRES,
                () -> PostgresServer.start(
                        data.resolve("postgres"),
                        DevstackOptions.portOrFree(options.postgresPort()),
                        durable,
                        options.exposure(),
                        options.tls()));
        kafka = submit(
                starter,
                options,
                Part.KAFKA,
                () -> KafkaBroker.start(
                        data.resolve("kafka"),
                        DevstackOptions.portOrFree(options.kafkaPort()),
                        durable,
                        options.exposure(),
                        options.tls()));
        storage = submit(
                starter,
                options,
                Part.S3,
                () -> ObjectStorageServer.start(
                        data.resolve("s3"), options.s3Port(), options.exposure(), options.tls()));
    }

    private static <T> Future<T> submit(
            ExecutorService starter, DevstackOptions options, Part part, Callable<T> start) {
        return options.parts().contains(part) ? starter.submit(start) : null;
    }

    /**
     * Starts the parts concurrently and returns when all of them respond.
     *
     * @throws IllegalStateException if one cannot start; the others are stopped
     */
    public static Devstack start(DevstackOptions options) {
        ExecutorService starter = Executors.newFixedThreadPool(Part.values().length);
        try {
            Devstack devstack = new Devstack(options, starter);
            devstack.awaitStart();
            return devstack;
        } catch (IOException failed) {
            throw new IllegalStateException("devstack: " + failed.getMessage(), failed);
        } finally {
            starter.shutdown();
        }
    }

    private void awaitStart() {
        List<IllegalStateException> failures = new ArrayList<>();
        await("PostgreSQL", postgres, failures);
        await("Kafka", kafka, failures);
        await("S3", storage, failures);
        if (!failures.isEmpty()) {
            close();
            IllegalStateException first = failures.removeFirst();
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }

    private static void await(String name, Future<?> server, List<IllegalStateException> failures) {
        if (server == null) {
            return;
        }
        try {
            server.get();
        } catch (ExecutionException failed) {
            failures.add(new IllegalStateException(
                    name + " did not start: " + rootMessage(failed.getCause()), failed.getCause()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            failures.add(new IllegalStateException(name + ": interrupted while it started", interrupted));
        }
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }

    /**
     * @param schema schema of unqualified names
     * @throws IllegalStateException if PostgreSQL is not among the parts
     */
    public String jdbcUrl(String schema) {
        return "jdbc:postgresql://127.0.0.1:" + running(postgres, Part.POSTGRES).port() + "/postgres?currentSchema="
                + schema;
    }

    public String databaseUser() {
        return PostgresServer.USER;
    }

    public String databasePassword() {
        return exposure.credentials().administrator();
    }

    /** @throws IllegalStateException if Kafka is not among the parts */
    public String kafkaBootstrapServers() {
        return running(kafka, Part.KAFKA).bootstrapServers();
    }

    /** Where Kafka speaks TLS; null: nowhere. */
    public String kafkaTlsBootstrapServers() {
        return running(kafka, Part.KAFKA).tlsBootstrapServers();
    }

    /** @throws IllegalStateException if S3 is not among the parts */
    public URI storageEndpoint() {
        return running(storage, Part.S3).endpoint();
    }

    public String storageAccessKey() {
        return ObjectStorageServer.ACCESS_KEY;
    }

    public String storageSecretKey() {
        return exposure.credentials().storage();
    }

    public String storageBucket() {
        return ObjectStorageServer.BUCKET;
    }

    private static <T> T running(Future<T> server, Part part) {
        if (server == null) {
            throw new IllegalStateException(part + " is not among the parts of this devstack");
        }
        return server.resultNow();
    }

    /**
     * Completes if the process of PostgreSQL ends while this is open; the other servers end only with this JVM. Never
     * completes if PostgreSQL is not among the parts.
     */
    CompletableFuture<Void> postgresEnded() {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        if (postgres != null) {
            postgres.resultNow().ended().thenRun(() -> {
                if (!closed) {
                    ended.complete(null);
                }
            });
        }
        return ended;
    }

    /** Stops all servers, PostgreSQL last, and deletes a temporary data folder. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (Future<? extends AutoCloseable> server : servers()) {
            if (server.state() == Future.State.SUCCESS) {
                try {
                    server.resultNow().close();
                } catch (Exception failed) {
                    System.err.println("devstack: " + failed.getMessage());
                }
            }
        }
        if (temporary != null) {
            delete(temporary);
        }
    }

    private List<Future<? extends AutoCloseable>> servers() {
        List<Future<? extends AutoCloseable>> servers = new ArrayList<>();
        if (storage != null) {
            servers.add(storage);
        }
        if (kafka != null) {
            servers.add(kafka);
        }
        if (postgres != null) {
            servers.add(postgres);
        }
        return servers;
    }

    private static void delete(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failed) throws IOException {
                    if (failed instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw failed;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, IOException failed) throws IOException {
                    Files.deleteIfExists(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException left) {
            System.err.println("devstack: " + folder + " could not be deleted: " + left.getMessage());
        }
    }
}
