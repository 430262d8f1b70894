package dev.loupe.devstack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/**
 * What to run, and where. All servers listen on 127.0.0.1 only.
 *
 * @param data folder that keeps the data; null: a temporary one that is deleted at the end, with durability switched
 *     off for speed
 * @param parts servers to run, at least one
 * @param postgresPort 1..65535, or 0 for a free one
 * @param kafkaPort 1..65535, or 0 for a free one; the controller always takes a free one of its own
 * @param s3Port 1..65535, or 0 for a free one
 */
public record DevstackOptions(Path data, Set<Part> parts, int postgresPort, int kafkaPort, int s3Port) {

    public DevstackOptions {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("no parts to run");
        }
        parts = Set.copyOf(parts);
        checkPort("postgres", postgresPort);
        checkPort("kafka", kafkaPort);
        checkPort("s3", s3Port);
    }

    private static void checkPort(String server, int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(server + " port must be between 0 and 65535, got " + port);
        }
    }

    /** Everything, on free ports, nothing kept. */
    public static DevstackOptions transientStack() {
        return new DevstackOptions(null, EnumSet.allOf(Part.class), 0, 0, 0);
    }

    /**
     * Reads {@code --data FOLDER --parts postgres,kafka,s3 --postgres-port N --kafka-port N --s3-port N}; all may be
     * left out.
     *
     * @throws IllegalArgumentException on an unknown option, a missing value or a wrong one
     */
    static DevstackOptions parse(String... arguments) {
        DevstackOptions options = transientStack();
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[i] + " needs a value");
            }
            options = options.with(arguments[i], arguments[i + 1]);
        }
        return options;
    }

    private DevstackOptions with(String option, String value) {
        return switch (option) {
            case "--data" -> new DevstackOptions(Path.of(value), parts, postgresPort, kafkaPort, s3Port);
            case "--parts" -> new DevstackOptions(data, Part.parse(value), postgresPort, kafkaPort, s3Port);
            case "--postgres-port" -> new DevstackOptions(data, parts, number(option, value), kafkaPort, s3Port);
            case "--kafka-port" -> new DevstackOptions(data, parts, postgresPort, number(option, value), s3Port);
            case "--s3-port" -> new DevstackOptions(data, parts, postgresPort, kafkaPort, number(option, value));
            default ->
                throw new IllegalArgumentException("unknown option '" + option
                        + "', expected --data, --parts, --postgres-port, --kafka-port or --s3-port");
        };
    }

    private static int number(String option, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(option + " needs a number, got '" + value + "'", notANumber);
        }
    }

    /** The port asked for, or a free one in place of 0. */
    static int portOrFree(int port) throws IOException {
        if (port != 0) {
            return port;
        }
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
