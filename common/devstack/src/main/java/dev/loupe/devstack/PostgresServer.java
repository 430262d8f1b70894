package dev.loupe.devstack;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** PostgreSQL as a child process. */
final class PostgresServer implements AutoCloseable {

    static final String USER = "postgres";
    static final String PASSWORD = "postgres";

    private final EmbeddedPostgres postgres;

    private PostgresServer(EmbeddedPostgres postgres) {
        this.postgres = postgres;
    }

    static PostgresServer start(Path folder, int port, boolean durable, Exposure exposure)
            throws IOException, SQLException {
        endEarlierServer(folder);
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setPort(port)
                .setDataDirectory(folder)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPGStartupWait(Duration.ofSeconds(60))
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("encoding", "UTF8")
                .setServerConfig("max_connections", "100")
                .setServerConfig("timezone", "UTC");
        if (!durable) {
            builder.setServerConfig("fsync", "off")
                    .setServerConfig("full_page_writes", "off")
                    .setServerConfig("synchronous_commit", "off");
        }
        if (exposure.isLocal()) {
            return new PostgresServer(builder.start());
        }
        PostgresServer server = new PostgresServer(
                builder.setServerConfig("listen_addresses", exposure.listen()).start());
        server.admitOthers(folder, exposure.secret());
        return server;
    }

    /** Whoever comes over the network shows the password; until this has run, nobody else is let in. */
    private void admitOthers(Path folder, String password) throws IOException, SQLException {
        Path rules = folder.resolve("pg_hba.conf");
        String rule = "host all all all scram-sha-256";
        if (!Files.readString(rules).contains(rule)) {
            Files.writeString(rules, rule + System.lineSeparator(), StandardOpenOption.APPEND);
        }
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER USER " + USER + " PASSWORD '" + password.replace("'", "''") + "'");
            statement.execute("SELECT pg_reload_conf()");
        }
    }

    /**
     * PostgreSQL outlives a killed JVM and refuses a second server on the folder. It also refuses when another program
     * has got the process id that the stale {@code postmaster.pid} names, so a stale file goes.
     */
    private static void endEarlierServer(Path folder) throws IOException {
        Path pidFile = folder.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        List<String> lines = Files.readAllLines(pidFile);
        ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
                .filter(process -> startedAt(
                        process,
                        Instant.ofEpochSecond(Long.parseLong(lines.get(2).strip()))))
                .ifPresent(PostgresServer::end);
        Files.deleteIfExists(pidFile);
    }

    private static boolean startedAt(ProcessHandle process, Instant recorded) {
        return process.info()
                .startInstant()
                .filter(start -> Duration.between(start, recorded).abs().compareTo(Duration.ofSeconds(10)) < 0)
                .isPresent();
    }

    private static void end(ProcessHandle process) {
        process.destroy();
        try {
            process.onExit().get(10, TimeUnit.SECONDS);
        } catch (TimeoutException stillThere) {
            process.destroyForcibly();
            process.onExit().join();
        } catch (ExecutionException failed) {
            throw new IllegalStateException("can't end the earlier PostgreSQL, process " + process.pid(), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    int port() {
        return postgres.getPort();
    }

    @Override
    public void close() throws IOException {
        postgres.close();
    }
}
