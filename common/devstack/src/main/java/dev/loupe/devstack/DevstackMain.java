package dev.loupe.devstack;

/**
 * Runs a {@link Devstack} until the process is terminated (SIGTERM, Ctrl-C). Prints one line when all servers
 * respond: {@code devstack ready postgres=… kafka=… s3=…}. Exit codes: 0 stopped, 1 failed to start or PostgreSQL has
 * ended, 2 invalid arguments.
 */
public final class DevstackMain {

    private DevstackMain() {}

    public static void main(String[] arguments) {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        System.setProperty("org.slf4j.simpleLogger.showDateTime", "true");
        System.setProperty("org.slf4j.simpleLogger.dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
        DevstackOptions options;
        try {
            options = DevstackOptions.parse(Credentials.of(System.getenv()), arguments);
        } catch (IllegalArgumentException wrong) {
            System.err.println("devstack: " + wrong.getMessage());
            System.exit(2);
            return;
        }
        Devstack devstack;
        try {
            devstack = Devstack.start(options);
        } catch (IllegalStateException failed) {
            System.err.println("devstack: " + failed.getMessage());
            System.exit(1);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(devstack::close, "devstack-stop"));
        System.out.println(readyLine(devstack, options));
        // The parent process or the kubelet restarts this program, and PostgreSQL recovers when it starts.
        devstack.postgresEnded().join();
        System.err.println("devstack: the PostgreSQL process has ended unexpectedly");
        System.exit(1);
    }

    private static String readyLine(Devstack devstack, DevstackOptions options) {
        StringBuilder line = new StringBuilder("devstack ready");
        if (options.parts().contains(Part.POSTGRES)) {
            line.append(" postgres=").append(devstack.jdbcUrl("public"));
        }
        if (options.parts().contains(Part.KAFKA)) {
            line.append(" kafka=").append(devstack.kafkaBootstrapServers());
        }
        if (options.parts().contains(Part.S3)) {
            line.append(" s3=").append(devstack.storageEndpoint());
        }
        return line.toString();
    }
}
