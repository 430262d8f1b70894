package dev.loupe.storage;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a real MinIO server, where one is installed. */
class MinioObjectStoreIT extends ObjectStoreContract {
    private static Process server;
    private static ObjectStore store;

    @BeforeAll
    static void start(@TempDir Path data) throws IOException {
        Path program = Path.of(
                Optional.ofNullable(System.getenv("LOUPE_TOOLS"))
                        .orElse(System.getProperty("user.home") + "/.cache/loupe-tools"),
                "bin",
                "minio");
        assumeTrue(Files.isExecutable(program), "skipped: there is no MinIO server at " + program);
        int port = freePort();
        int consolePort = freePort();
        ProcessBuilder builder = new ProcessBuilder(
                        program.toString(),
                        "server",
                        "--address",
                        "127.0.0.1:" + port,
                        "--console-address",
                        "127.0.0.1:" + consolePort,
                        data.toString())
                .redirectErrorStream(true)
                .redirectOutput(new File("target/minio.log"));
        builder.environment().put("MINIO_ROOT_USER", "loupe-test");
        builder.environment().put("MINIO_ROOT_PASSWORD", "loupe-test-secret");
        server = builder.start();
        store = new MinioObjectStore(
                StorageEndpoint.of(URI.create("http://127.0.0.1:" + port), "loupe-test", "loupe-test-secret"));
        Awaitility.await().ignoreExceptions().until(() -> {
            store.createBucket("loupe");
            return true;
        });
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (server != null) {
            store.close();
            server.destroy();
            server.waitFor();
        }
    }

    @Override
    ObjectStore store() {
        return store;
    }
}
