package dev.loupe.tests.path;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Datasets;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.client.ClientException;
import dev.loupe.contracts.Task;
import dev.loupe.local.Server;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers of {@code ./loupe up} restart after they were killed, and listen on loopback addresses only. */
class RecoveryIT {
    private static RecoveringStack loupe;

    private final AtomicInteger number = new AtomicInteger();

    @BeforeAll
    static void start() throws Exception {
        loupe = RecoveringStack.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (loupe != null) {
            loupe.close();
        }
    }

    @Test
    void aKilledServiceComesBackAndTheSignalIsTold() {
        for (Server server : List.of(Server.DATASET, Server.TRAINING, Server.INFERENCE)) {
            Process running = loupe.stack().process(server);
            running.destroyForcibly();
            await().atMost(RecoveringStack.PATIENCE).until(() -> loupe.stack().process(server) != running);
            assertTrue(
                    loupe.problems().stream()
                            .anyMatch(
                                    line -> line.startsWith(server.label() + ": ended: killed by signal 9 (SIGKILL)")),
                    loupe.problems().toString());
        }
        loupe.awaitReady();
    }

    /** A nightly run imports many images. */
    @Test
    void importContinuesAfterItsServiceIsKilled(@TempDir Path folder) throws Exception {
        loupe.awaitReady();
        int images = "whole".equals(System.getProperty("loupe.fuzz")) ? 20_000 : 3_000;
        Path archive = DrawnSurface.tinyImagesZip(folder, images);
        Datasets datasets = loupe.loupe().datasets();
        datasets.createProject("killed-import", Task.CLASSIFICATION, null);
        LoupeProgram program = new LoupeProgram(folder, Map.of());
        Path output = folder.resolve("import.txt");
        Process command = program.start(
                List.of(
                        "import",
                        "killed-import",
                        archive.toString(),
                        "--data",
                        loupe.data().toString()),
                output);
        await().atMost(RecoveringStack.PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> progress(datasets) > 0);
        Process running = loupe.stack().process(Server.DATASET);
        running.destroyForcibly();
        await().atMost(RecoveringStack.PATIENCE).until(() -> loupe.stack().process(Server.DATASET) != running);
        loupe.awaitReady();

        JsonNode after = datasets.imports("killed-import", 1).getFirst();
        String id = after.path("id").asText();
        assertEquals("RUNNING", after.path("state").asText(), after.toString());
        assertTrue(after.at("/progress/done").asInt() < images, after.toString());
        // The continued import lists the archive first.
        await().atMost(RecoveringStack.PATIENCE)
                .until(() -> datasets.importStatus("killed-import", id)
                                .at("/progress/total")
                                .asInt()
                        == images);
        LoupeProgram.Ended shown = program.run(List.of(
                "imports", "show", "killed-import", id, "--data", loupe.data().toString()));
        assertTrue(shown.output().contains(" of " + images + " files"), shown.output());

        assertTrue(command.waitFor(10, TimeUnit.MINUTES));
        String printed = Files.readString(output);
        assertEquals(0, command.exitValue(), printed);
        assertTrue(printed.contains(images + " images added, 0 existing"), printed);
        JsonNode ended = datasets.importStatus("killed-import", id);
        assertEquals("SUCCEEDED", ended.path("state").asText(), ended.toString());
        assertEquals(1, ended.path("interruptions").asInt(), ended.toString());
        assertEquals(images, datasets.project("killed-import").path("images").asInt());

        JsonNode repeated = datasets.importImages("killed-import", archive);
        assertEquals(0, repeated.path("added").asInt(), repeated.toString());
        assertEquals(images, repeated.path("existing").asInt(), repeated.toString());
        assertEquals(images, datasets.project("killed-import").path("images").asInt());
        System.out.printf(
                "import of %,d images, killed once: %s, from %s to %s%n",
                images,
                ended.path("report").path("added"),
                ended.path("startedAt").asText(),
                ended.path("finishedAt").asText());
    }

    private static int progress(Datasets datasets) {
        List<JsonNode> imports = datasets.imports("killed-import", 1);
        return imports.isEmpty() ? 0 : imports.getFirst().at("/progress/done").asInt();
    }

    @Test
    void everyAcknowledgedProjectIsThereAfterPostgresIsKilled() throws Exception {
        loupe.awaitReady();
        Set<String> acknowledged = writeWhile("killed", () -> {
            Process devstack = loupe.stack().process(Server.DEVSTACK);
            loupe.postgres().destroyForcibly();
            await().atMost(RecoveringStack.PATIENCE).until(() -> loupe.stack().process(Server.DEVSTACK) != devstack);
            loupe.awaitReady();
        });

        assertThere(acknowledged);
    }

    @Test
    void everyAcknowledgedProjectIsThereAfterTheDiskWasFull() throws Exception {
        assumeTrue(loupe.hasOwnDisk(), "skipped: this test needs the right to mount a tmpfs");
        Path filler = loupe.data().resolve("devstack/filler");
        Process devstack = loupe.stack().process(Server.DEVSTACK);

        Set<String> acknowledged = writeWhile("full", () -> {
            fill(filler);
            sendUntilTheBrokerEnds(devstack);
            await().atMost(Duration.ofMinutes(2)).until(() -> loupe.problems().stream()
                    .anyMatch(line -> line.startsWith("devstack: waits: the disk")));
            Files.delete(filler);
            await().atMost(RecoveringStack.PATIENCE).until(() -> loupe.stack().process(Server.DEVSTACK) != devstack);
            loupe.awaitReady();
        });

        assertThere(acknowledged);
        loupe.loupe().datasets().createProject("after-full-disk", Task.CLASSIFICATION, null);
        loupe.loupe().datasets().importImages("after-full-disk", DrawnSurface.classesZip(loupe.data(), 2));
        loupe.loupe().datasets().freeze("after-full-disk", 1L, null);
    }

    static void fill(Path filler) throws IOException {
        byte[] block = new byte[1 << 16];
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertTrue(full.getMessage().contains("No space left"), full.getMessage());
        }
    }

    private static void sendUntilTheBrokerEnds(Process devstack) {
        Map<String, Object> configuration = Map.of(
                "bootstrap.servers",
                loupe.stack().kafkaBootstrapServers(),
                "delivery.timeout.ms",
                2_000,
                "request.timeout.ms",
                1_000,
                "max.block.ms",
                2_000);
        var producer = new KafkaProducer<>(configuration, new ByteArraySerializer(), new ByteArraySerializer());
        try {
            await().atMost(Duration.ofMinutes(2)).until(() -> {
                producer.send(new ProducerRecord<>("loupe.dead-letters", new byte[100_000]));
                return !devstack.isAlive();
            });
        } finally {
            producer.close(Duration.ZERO); // does not wait for the broker, which restarts when the disk has space
        }
    }

    private interface Fault {
        void happen() throws Exception;
    }

    /** Creates projects before, while and after something happens; names of those that were acknowledged. */
    private Set<String> writeWhile(String prefix, Fault fault) throws Exception {
        Set<String> acknowledged = java.util.concurrent.ConcurrentHashMap.newKeySet();
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int writer = 0; writer < 2; writer++) {
                writers.submit(() -> {
                    while (!over.get()) {
                        String name = prefix + "-" + number.incrementAndGet();
                        try {
                            loupe.loupe().datasets().createProject(name, Task.CLASSIFICATION, null);
                            acknowledged.add(name);
                        } catch (ClientException refused) {
                            TimeUnit.MILLISECONDS.sleep(100);
                        }
                    }
                    return null;
                });
            }
            try {
                await().atMost(Duration.ofMinutes(2)).until(() -> acknowledged.size() > 30);
                fault.happen();
                int before = acknowledged.size();
                await().atMost(Duration.ofMinutes(2)).until(() -> acknowledged.size() > before);
            } finally {
                over.set(true);
            }
        }
        return acknowledged;
    }

    private static void assertThere(Set<String> acknowledged) {
        Set<String> lost = new TreeSet<>(acknowledged);
        loupe.loupe()
                .datasets()
                .projects()
                .forEach(project -> lost.remove(project.path("name").asText()));
        assertEquals(Set.of(), lost, "of " + acknowledged.size());
    }

    @Test
    void everyListenerIsOnLoopback() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/net/tcp")), "skipped: this system has no /proc/net/tcp");
        List<ProcessHandle> processes = new ArrayList<>(List.of(loupe.postgres()));
        for (Server server : List.of(Server.DEVSTACK, Server.DATASET, Server.TRAINING, Server.INFERENCE)) {
            processes.add(loupe.stack().process(server).toHandle());
        }
        for (ProcessHandle process : List.copyOf(processes)) {
            process.descendants().forEach(processes::add);
        }
        Set<String> sockets = new HashSet<>();
        for (ProcessHandle process : processes) {
            sockets.addAll(sockets(process.pid()));
        }

        List<String> listeners = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            Files.readAllLines(Path.of("/proc/net", table)).stream()
                    .skip(1)
                    .map(line -> line.strip().split("\\s+"))
                    // Columns: number, local address, remote address, state (0A: listens), ..., inode.
                    .filter(columns -> columns[3].equals("0A") && sockets.contains(columns[9]))
                    .map(columns -> columns[1])
                    .forEach(listeners::add);
        }

        // HTTP of three services, gRPC, PostgreSQL, Kafka and its controller, S3.
        assertTrue(listeners.size() >= 8, listeners.toString());
        assertEquals(
                List.of(),
                listeners.stream()
                        .filter(address -> !isLoopback(address.substring(0, address.indexOf(':'))))
                        .toList());
    }

    private static Set<String> sockets(long pid) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return files.map(RecoveryIT::target)
                    .filter(target -> target.startsWith("socket:["))
                    .map(target -> target.substring("socket:[".length(), target.length() - 1))
                    .collect(Collectors.toSet());
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closed) {
            return "";
        }
    }

    /** Words of four bytes, each in the byte order of this machine: 127.0.0.1, ::1, ::ffff:127.0.0.1. */
    private static boolean isLoopback(String hex) {
        return Set.of("0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F")
                .contains(hex);
    }

    @Test
    void passwordsAreDrawnAndKeptForTheirOwnerOnly() throws Exception {
        Path secrets = loupe.data().resolve("secrets.json");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secrets)));
        String port = Files.readAllLines(loupe.data().resolve("devstack/postgres/postmaster.pid"))
                .get(3);
        String url = "jdbc:postgresql://127.0.0.1:" + port.strip() + "/postgres";
        for (String password : List.of("postgres", "loupe-local-secret", "")) {
            assertThrows(SQLException.class, () -> DriverManager.getConnection(url, "postgres", password));
        }
        assertFalse(Files.readString(secrets).contains("loupe-local-secret"));
    }

    @Test
    void pagesOfOtherOriginsChangeNothing() throws Exception {
        Endpoints endpoints = loupe.stack().endpoints();
        Map<URI, String> changes = Map.of(
                endpoints.dataset(), "/api/v1/projects",
                endpoints.training(), "/api/v1/runs",
                endpoints.inference(), "/api/v1/models/x/aliases/production");
        for (Map.Entry<URI, String> change : changes.entrySet()) {
            assertEquals(403, loupe.post(change.getKey(), change.getValue(), "https://evil.example"));
            assertFalse(loupe.post(
                            change.getKey(), change.getValue(), change.getKey().toString())
                    == 403);
        }
    }
}
