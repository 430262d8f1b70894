package dev.loupe.devstack;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** PostgreSQL as a child process. Every connection requires a password. */
final class PostgresServer implements AutoCloseable {

    static final String USER = "postgres";

    /** Content of pg_hba.conf. A folder with other content is new, or of a version that required no password. */
    private static final String RULES =
            "# Written by Loupe: every connection needs a password." + "\nhost all all all scram-sha-256\n";

    /** A process id that no process uses. */
    private static final String NO_PROCESS = Integer.toString(Integer.MAX_VALUE);

    private final EmbeddedPostgres postgres;
    private final ProcessHandle process;

    private PostgresServer(EmbeddedPostgres postgres, ProcessHandle process) {
        this.postgres = postgres;
        this.process = process;
    }

    static PostgresServer start(Path folder, int port, boolean durable, Exposure exposure, ServerTls tls)
            throws IOException, SQLException {
        endEarlierServer(folder);
        String secret = exposure.credentials().administrator();
        Path password = Files.createTempFile("loupe-devstack", ".password");
        try {
            Files.writeString(password, secret);
            EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                    .setPort(port)
                    .setDataDirectory(folder)
                    .setCleanDataDirectory(false)
                    .setRegisterShutdownHook(false)
                    .setPGStartupWait(Duration.ofSeconds(60))
                    .setLocaleConfig("locale", "C")
                    .setLocaleConfig("encoding", "UTF8")
                    .setLocaleConfig("auth-host", "scram-sha-256")
                    .setLocaleConfig("pwfile", password.toString())
                    .setConnectConfig("password", secret);
            settings(durable, exposure).forEach(builder::setServerConfig);
            if (tls != null) {
                builder.setServerConfig("ssl", "on")
                        .setServerConfig("ssl_cert_file", tls.certificate().toString())
                        .setServerConfig("ssl_key_file", tls.key().toString());
            }
            EmbeddedPostgres postgres = builder.start();
            PostgresServer server = new PostgresServer(postgres, processOf(folder));
            try {
                server.requirePasswords(folder, exposure.credentials());
                return server;
            } catch (IOException | SQLException failed) {
                server.close();
                throw failed;
            }
        } finally {
            Files.deleteIfExists(password);
        }
    }

    private static Map<String, String> settings(boolean durable, Exposure exposure) {
        // Set explicitly: the library starts PostgreSQL with -F, which means fsync=off.
        String durability = durable ? "on" : "off";
        return Map.of(
                "fsync",
                durability,
                "full_page_writes",
                durability,
                "synchronous_commit",
                durability,
                "listen_addresses",
                exposure.listen(),
                // No socket in /tmp: every user of this machine could connect to it.
                "unix_socket_directories",
                "",
                "max_connections",
                "100",
                "timezone",
                "UTC");
    }

    private void requirePasswords(Path folder, Credentials credentials) throws IOException, SQLException {
        Path rules = folder.resolve("pg_hba.conf");
        try (Connection connection = DriverManager.getConnection(url(), USER, credentials.administrator());
                Statement statement = connection.createStatement()) {
            if (!Files.readString(rules).equals(RULES)) {
                statement.execute("ALTER USER " + USER + " PASSWORD " + literal(credentials.administrator()));
                Files.writeString(rules, RULES);
                statement.execute("SELECT pg_reload_conf()");
            }
            for (Map.Entry<String, String> account : credentials.accounts().entrySet()) {
                statement.execute(SchemaAccount.statement(account.getKey(), account.getValue()));
            }
        }
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private String url() {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/postgres";
    }

    private static Path pidFile(Path folder) {
        return folder.resolve("postmaster.pid");
    }

    private static ProcessHandle processOf(Path folder) throws IOException {
        long pid = Long.parseLong(Files.readAllLines(pidFile(folder)).getFirst().strip());
        return ProcessHandle.of(pid).orElseThrow(() -> new IOException("ended as soon as it had started"));
    }

    /**
     * Stops a server that has outlived a killed JVM, because PostgreSQL refuses to start a second server on the folder.
     * It also refuses if another program has the process id in a stale {@code postmaster.pid}, so the id is replaced.
     * The file is not deleted, because PostgreSQL uses it to detect whether processes of a killed server still write to
     * the folder.
     */
    private static void endEarlierServer(Path folder) throws IOException {
        Path pidFile = pidFile(folder);
        if (!Files.exists(pidFile)) {
            return;
        }
        List<String> lines = new ArrayList<>(Files.readAllLines(pidFile));
        if (lines.size() < 3) {
            // Truncated: written to a full disk by a server that did not start.
            Files.delete(pidFile);
            return;
        }
        ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
                .filter(process -> startedAt(
                        process,
                        Instant.ofEpochSecond(Long.parseLong(lines.get(2).strip()))))
                .ifPresent(PostgresServer::end);
        if (Files.exists(pidFile)) {
            lines.set(0, NO_PROCESS);
            Files.write(pidFile, lines);
        }
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
            throw new IllegalStateException(
                    "cannot stop the PostgreSQL process of an earlier run, pid " + process.pid(), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    int port() {
        return postgres.getPort();
    }

    /** Completes when the server's process has ended. */
    CompletableFuture<ProcessHandle> ended() {
        return process.onExit();
    }

    @Override
    public void close() throws IOException {
        // The library logs an error if there is nothing to stop.
        if (process.isAlive()) {
            postgres.close();
        }
    }
}
