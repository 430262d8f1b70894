package dev.loupe.devstack;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connects to a running stack; tests that kill the stack run it in a separate process. */
class DevstackIT {

    @TempDir
    Path data;

    @Test
    void temporaryStackRespondsAndDeletesItsData() throws Exception {
        Path folder;
        try (Devstack devstack = Devstack.start(DevstackOptions.transientStack())) {
            folder = dataFolder(devstack);
            assertEquals(Set.copyOf(KafkaBroker.TOPICS), topics(devstack.kafkaBootstrapServers()));
            assertEquals(403, statusOf(devstack.storageEndpoint().resolve("/" + devstack.storageBucket())));
            assertTrue(Files.exists(folder));
        }

        assertFalse(Files.exists(folder));
    }

    @Test
    void testJvmsHaveSeparateDatabasesTopicsAndBuckets() throws Exception {
        try (Devstack devstack = Devstack.start(DevstackOptions.transientStack())) {
            TestServers servers = TestServers.of(devstack);
            for (String name : List.of("dataset-service-1", "training-service-2")) {
                Map<String, String> configuration = servers.allocate(name);
                try (Connection connection = connect(configuration.get("quarkus.datasource.jdbc.url") + "public");
                        Statement statement = connection.createStatement()) {
                    assertEquals(name, connection.getCatalog());
                    statement.execute("create table of_this_jvm (id int)");
                }
                assertEquals(403, statusOf(devstack.storageEndpoint().resolve("/" + name)));
                assertEquals(name, configuration.get("loupe.storage.bucket"));
                assertTrue(topics(servers.kafka()).contains(configuration.get("loupe.topic-prefix") + "loupe.models"));
            }
            assertEquals(3 * KafkaBroker.TOPICS.size(), topics(servers.kafka()).size());
            assertThrows(IllegalStateException.class, () -> servers.allocate("dataset-service-1"));
        }
    }

    @Test
    void restartAfterKillKeepsRowsMessagesAndObjects() throws Exception {
        Process first = process("--data", data.toString());
        Map<String, String> addresses = readyLine(first);
        try (Connection connection = connect(addresses.get("postgres"));
                Statement statement = connection.createStatement()) {
            statement.execute("create table kept (id int)");
            statement.execute("insert into kept values (42)");
        }
        send(addresses.get("kafka"), "loupe.models", "kept");
        Files.writeString(data.resolve("s3/loupe/kept"), "kept");
        first.destroyForcibly().waitFor();

        Process second = process("--data", data.toString());
        addresses = readyLine(second);

        try (Connection connection = connect(addresses.get("postgres"));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select id from kept")) {
            assertTrue(rows.next());
            assertEquals(42, rows.getInt(1));
        }
        assertEquals(1, messages(addresses.get("kafka"), "loupe.models"));
        assertEquals("kept", Files.readString(data.resolve("s3/loupe/kept")));
        assertStopsCleanly(second);
        assertFalse(Files.exists(data.resolve("postgres/postmaster.pid")), "PostgreSQL still runs");
    }

    @Test
    void acknowledgedRowsSurviveKillOfPostgres() throws Exception {
        Process first = process("--data", data.toString(), "--parts", "postgres");
        String url = readyLine(first).get("postgres");
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement()) {
            for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
                assertEquals("on", setting(statement, setting), setting);
            }
            statement.execute("create table written (id bigint primary key)");
        }
        Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
        long postmaster = Long.parseLong(
                Files.readAllLines(data.resolve("postgres/postmaster.pid")).getFirst());
        try (ExecutorService writers = Executors.newFixedThreadPool(4)) {
            for (int writer = 0; writer < 4; writer++) {
                long begin = writer * 1_000_000L;
                writers.submit(() -> writeUntilRefused(url, begin, acknowledged));
            }
            await().atMost(Duration.ofMinutes(2)).until(() -> acknowledged.size() >= 400);
            assertTrue(ProcessHandle.of(postmaster).orElseThrow().destroyForcibly());
        }
        assertTrue(first.waitFor(60, TimeUnit.SECONDS), "ends when PostgreSQL has ended");
        assertEquals(1, first.exitValue());

        Process second = process("--data", data.toString(), "--parts", "postgres");
        Set<Long> kept = new HashSet<>();
        try (Connection connection = connect(readyLine(second).get("postgres"));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select id from written")) {
            while (rows.next()) {
                kept.add(rows.getLong(1));
            }
        }
        acknowledged.removeAll(kept);
        assertEquals(Set.of(), acknowledged, "lost rows; kept: " + kept.size());
        assertStopsCleanly(second);
    }

    private static Void writeUntilRefused(String url, long begin, Set<Long> acknowledged) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(url, PostgresServer.USER, Credentials.CONSTANT.administrator());
                PreparedStatement insert = connection.prepareStatement("insert into written values (?)")) {
            for (long id = begin; id < begin + 100_000; id++) {
                insert.setLong(1, id);
                insert.executeUpdate();
                acknowledged.add(id);
            }
        }
        throw new AssertionError("PostgreSQL did not refuse a write");
    }

    private static String setting(Statement statement, String name) throws SQLException {
        try (ResultSet row = statement.executeQuery("show " + name)) {
            assertTrue(row.next());
            return row.getString(1);
        }
    }

    @Test
    void migratesOlderDataFolderToPasswordsAndSchemaOwners() throws Exception {
        Path folder = data.resolve("postgres");
        try (EmbeddedPostgres older = EmbeddedPostgres.builder()
                        .setDataDirectory(folder)
                        .setCleanDataDirectory(false)
                        .start();
                Connection connection = older.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create schema dataset");
            statement.execute("create schema training");
            statement.execute("create table dataset.project (id bigint generated always as identity, name text)");
            statement.execute("insert into dataset.project (name) values ('kept')");
            statement.execute("create function dataset.one() returns int language sql as 'select 1'");
            statement.execute("create table training.run (id int)");
        }
        Map<String, String> accounts = Map.of("dataset", "password of dataset", "training", "password of training");
        Exposure exposure = Exposure.local(new Credentials("a secret of this test", "another secret of it", accounts));
        DevstackOptions options = new DevstackOptions(data, EnumSet.of(Part.POSTGRES), 0, 0, 0, exposure);

        for (int start = 0; start < 2; start++) {
            try (Devstack devstack = Devstack.start(options)) {
                String url = devstack.jdbcUrl("dataset");
                assertThrows(
                        SQLException.class, () -> DriverManager.getConnection(url, PostgresServer.USER, "postgres"));
                try (Connection connection = DriverManager.getConnection(url, "dataset", accounts.get("dataset"));
                        Statement statement = connection.createStatement()) {
                    statement.execute("alter table project add column c" + start + " int");
                    statement.execute("create or replace function one() returns int language sql as 'select 2'");
                    statement.execute("insert into project (name) values ('new')");
                    assertThrows(SQLException.class, () -> statement.execute("select * from training.run"));
                    assertThrows(SQLException.class, () -> statement.execute("create schema another"));
                    statement.execute("set role dataset_tenant");
                    assertThrows(SQLException.class, () -> statement.execute("set role training_tenant"));
                }
            }
        }
    }

    @Test
    void startsKafkaAlone() throws Exception {
        Process process = process("--data", data.toString(), "--parts", "kafka");

        Map<String, String> addresses = readyLine(process);

        assertEquals(Set.of("kafka"), addresses.keySet());
        assertEquals(Set.copyOf(KafkaBroker.TOPICS), topics(addresses.get("kafka")));
        assertStopsCleanly(process);
    }

    @Test
    void reportsPortInUseAndStopsOtherParts() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            DevstackOptions options =
                    new DevstackOptions(data, EnumSet.of(Part.S3, Part.KAFKA), 0, 0, taken.getLocalPort());

            IllegalStateException refused = assertThrows(IllegalStateException.class, () -> Devstack.start(options));

            assertTrue(refused.getMessage().startsWith("S3 did not start: "), refused.getMessage());
        }
        Devstack.start(new DevstackOptions(data, EnumSet.of(Part.KAFKA), 0, 0, 0))
                .close();
    }

    @Test
    void networkConnectionsRequireTheSecret() throws Exception {
        String address = networkAddress();
        Exposure exposure = new Exposure(
                "0.0.0.0", address, new Credentials("a secret of this test", "another secret of it", Map.of()));
        DevstackOptions options = new DevstackOptions(
                null,
                EnumSet.of(Part.POSTGRES, Part.KAFKA),
                DevstackOptions.portOrFree(0),
                DevstackOptions.portOrFree(0),
                0,
                exposure);
        try (Devstack _ = Devstack.start(options)) {
            String url = "jdbc:postgresql://" + address + ":" + options.postgresPort() + "/postgres";

            DriverManager.getConnection(
                            url, PostgresServer.USER, exposure.credentials().administrator())
                    .close();
            assertThrows(SQLException.class, () -> DriverManager.getConnection(url, PostgresServer.USER, "postgres"));
            assertEquals(Set.copyOf(KafkaBroker.TOPICS), topics(address + ":" + options.kafkaPort()));
        }
    }

    /** Returns an address of this machine other than the loopback address. */
    private static String networkAddress() throws Exception {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .map(InetAddress::getHostAddress)
                .findFirst()
                .orElseGet(() -> Assumptions.abort("skipped: this machine has only the loopback address"));
    }

    private static Path dataFolder(Devstack devstack) throws Exception {
        try (Connection connection = connect(devstack.jdbcUrl("public"));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select current_setting('data_directory')")) {
            row.next();
            return Path.of(row.getString(1)).getParent();
        }
    }

    private static Connection connect(String url) throws Exception {
        return DriverManager.getConnection(url, PostgresServer.USER, Credentials.CONSTANT.administrator());
    }

    private static Set<String> topics(String bootstrap) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            return admin.listTopics().names().get(30, TimeUnit.SECONDS);
        }
    }

    private static void send(String bootstrap, String topic, String value) throws Exception {
        Map<String, Object> configuration = Map.of("bootstrap.servers", bootstrap, "acks", "all");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(configuration, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, value)).get(30, TimeUnit.SECONDS);
        }
    }

    private static long messages(String bootstrap, String topic) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            return admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition)
                    .get(30, TimeUnit.SECONDS)
                    .offset();
        }
    }

    private static int statusOf(URI address) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private static Process process(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                DevstackMain.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static Map<String, String> readyLine(Process process) throws Exception {
        BufferedReader output = process.inputReader();
        String line = output.readLine();
        assertTrue(line != null && line.startsWith("devstack ready "), "output: " + line);
        return Arrays.stream(line.substring("devstack ready ".length()).split(" "))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    private static void assertStopsCleanly(Process process) throws InterruptedException {
        process.destroy();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), "still running 30 s after SIGTERM");
    }
}
