package dev.loupe.devstack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/**
 * Options of a {@link Devstack}.
 *
 * @param data folder for the data; null: a temporary folder that is deleted at the end, without durable writes
 * @param parts servers to run, at least one
 * @param postgresPort 1..65535, or 0 for a free one
 * @param kafkaPort 1..65535, or 0 for a free one; the controller always uses a separate free port
 * @param s3Port 1..65535, or 0 for a free one
 * @param exposure interfaces that the servers listen on, and credentials
 * @param tls certificate of the servers; null: they speak plain text
 */
public record DevstackOptions(
        Path data, Set<Part> parts, int postgresPort, int kafkaPort, int s3Port, Exposure exposure, ServerTls tls) {

    public DevstackOptions {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("expected at least one part to run");
        }
        parts = Set.copyOf(parts);
        checkPort("postgres", postgresPort);
        checkPort("kafka", kafkaPort);
        checkPort("s3", s3Port);
    }

    /** Options that listen on this machine only. */
    public DevstackOptions(Path data, Set<Part> parts, int postgresPort, int kafkaPort, int s3Port) {
        this(data, parts, postgresPort, kafkaPort, s3Port, Exposure.LOCAL, null);
    }

    /** Options in plain text. */
    public DevstackOptions(Path data, Set<Part> parts, int postgresPort, int kafkaPort, int s3Port, Exposure exposure) {
        this(data, parts, postgresPort, kafkaPort, s3Port, exposure, null);
    }

    /** All servers with TLS on free ports of this machine, without keeping data. */
    public static DevstackOptions withTls(ServerTls tls) {
        return new DevstackOptions(null, EnumSet.allOf(Part.class), 0, 0, 0, Exposure.LOCAL, tls);
    }

    private static void checkPort(String server, int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(server + " port must be between 0 and 65535, got " + port);
        }
    }

    /** All servers on free ports, without keeping data. */
    public static DevstackOptions transientStack() {
        return new DevstackOptions(null, EnumSet.allOf(Part.class), 0, 0, 0);
    }

    /**
     * Parses {@code --data FOLDER --parts postgres,kafka,s3 --postgres-port N --kafka-port N --s3-port N --listen
     * ADDRESS --advertise HOST}. All options are optional.
     *
     * @param credentials see {@link Exposure}
     * @throws IllegalArgumentException for an unknown option, or a missing or invalid value
     */
    static DevstackOptions parse(Credentials credentials, String... arguments) {
        Path data = null;
        Set<Part> parts = EnumSet.allOf(Part.class);
        int postgres = 0;
        int kafka = 0;
        int s3 = 0;
        String listen = Exposure.LOCAL.listen();
        String advertised = null;
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[i] + " requires a value");
            }
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--data" -> data = Path.of(value);
                case "--parts" -> parts = Part.parse(value);
                case "--postgres-port" -> postgres = number(arguments[i], value);
                case "--kafka-port" -> kafka = number(arguments[i], value);
                case "--s3-port" -> s3 = number(arguments[i], value);
                case "--listen" -> listen = value;
                case "--advertise" -> advertised = value;
                default ->
                    throw new IllegalArgumentException(
                            "unknown option '" + arguments[i] + "', expected --data, --parts,"
                                    + " --postgres-port, --kafka-port, --s3-port, --listen or --advertise");
            }
        }
        Exposure exposure = new Exposure(listen, advertised == null ? listen : advertised, credentials);
        return new DevstackOptions(data, parts, postgres, kafka, s3, exposure);
    }

    private static int number(String option, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(option + " requires a number, got '" + value + "'", notANumber);
        }
    }

    /** Returns the port, or a free one if it is 0. */
    static int portOrFree(int port) throws IOException {
        if (port != 0) {
            return port;
        }
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
