package dev.loupe.local;

import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.loupe.cli.CommandException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports on 127.0.0.1; 0 stands for a free one.
 *
 * @param dataset HTTP of dataset-service
 * @param training HTTP of training-service
 * @param inference HTTP of inference-service
 * @param grpc gRPC of inference-service
 * @param console of the console
 * @param postgres of PostgreSQL
 * @param kafka of the broker
 * @param s3 of the object storage
 */
public record Ports(int dataset, int training, int inference, int grpc, int console, int postgres, int kafka, int s3) {

    private static final RetryPolicy<Integer> ANOTHER = RetryPolicy.<Integer>builder()
            .handle(IOException.class)
            .withMaxAttempts(100)
            .build();

    /** What {@code up} uses when not told otherwise: only the console and the services need addresses that stay. */
    public static final Ports DEFAULT = new Ports(8080, 8081, 8082, 9000, 8090, 0, 0, 0);

    /** All free ones. */
    public static final Ports FREE = new Ports(0, 0, 0, 0, 0, 0, 0, 0);

    /**
     * Free ports in place of the zeros.
     *
     * @throws CommandException when a port is in use
     */
    Ports resolved() {
        Map<String, Integer> taken = new LinkedHashMap<>();
        return new Ports(
                resolve("--dataset-port", dataset, taken),
                resolve("--training-port", training, taken),
                resolve("--inference-port", inference, taken),
                resolve("--grpc-port", grpc, taken),
                resolve("--console-port", console, taken),
                resolve("--postgres-port", postgres, taken),
                resolve("--kafka-port", kafka, taken),
                resolve("--s3-port", s3, taken));
    }

    /** The same ports where they are free, others where they are not. */
    public Ports orFree() {
        return new Ports(
                freeOrZero(dataset),
                freeOrZero(training),
                freeOrZero(inference),
                freeOrZero(grpc),
                freeOrZero(console),
                freeOrZero(postgres),
                freeOrZero(kafka),
                freeOrZero(s3));
    }

    private static int freeOrZero(int port) {
        try {
            return port == 0 ? 0 : open(port);
        } catch (IOException inUse) {
            return 0;
        }
    }

    private static int resolve(String option, int port, Map<String, Integer> taken) {
        try {
            int free = port == 0 ? free() : open(port);
            while (port == 0 && taken.containsValue(free)) {
                free = free();
            }
            taken.put(option, free);
            return free;
        } catch (IOException inUse) {
            throw new CommandException(
                    "port " + port + " is in use by another program: stop that one, or choose another port with "
                            + option + " (0 takes a free one)",
                    inUse);
        }
    }

    /**
     * Below those that systems give to outgoing connections: a server that is started again finds its port as it left
     * it, unless another server took it.
     */
    private static int free() {
        return Failsafe.with(ANOTHER).get(() -> open(ThreadLocalRandom.current().nextInt(10_240, 32_768)));
    }

    private static int open(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            // As the servers do: a port whose last connections linger may be used again.
            socket.setReuseAddress(true);
            socket.bind(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return socket.getLocalPort();
        }
    }
}
