package dev.loupe.devstack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

/** The stack over its real wires, in a process of its own where it must die. */
class DevstackIT {

    @TempDir
    Path data;

    @Test
    void aTransientStackAnswersOnAllThreeWiresAndLeavesNothing() throws Exception {
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
    void aKilledStackFindsItsRowsItsMessagesAndItsObjectsAgain() throws Exception {
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
        assertFalse(Files.exists(data.resolve("postgres/postmaster.pid")), "PostgreSQL was left running");
    }

    @Test
    void aBrokerCanRunAlone() throws Exception {
        Process process = process("--data", data.toString(), "--parts", "kafka");

        Map<String, String> addresses = readyLine(process);

        assertEquals(Set.of("kafka"), addresses.keySet());
        assertEquals(Set.copyOf(KafkaBroker.TOPICS), topics(addresses.get("kafka")));
        assertStopsCleanly(process);
    }

    @Test
    void aPortInUseIsNamedAndStopsTheOtherParts() throws Exception {
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
    void whoComesOverTheNetworkShowsTheSecret() throws Exception {
        String address = networkAddress();
        Exposure exposure = new Exposure("0.0.0.0", address, "a secret of this test");
        DevstackOptions options = new DevstackOptions(
                null,
                EnumSet.of(Part.POSTGRES, Part.KAFKA),
                DevstackOptions.portOrFree(0),
                DevstackOptions.portOrFree(0),
                0,
                exposure);
        try (Devstack _ = Devstack.start(options)) {
            String url = "jdbc:postgresql://" + address + ":" + options.postgresPort() + "/postgres";

            DriverManager.getConnection(url, PostgresServer.USER, exposure.secret())
                    .close();
            assertThrows(SQLException.class, () -> DriverManager.getConnection(url, PostgresServer.USER, "postgres"));
            assertEquals(Set.copyOf(KafkaBroker.TOPICS), topics(address + ":" + options.kafkaPort()));
        }
    }

    /** An address of this machine that is not the loopback's. */
    private static String networkAddress() throws Exception {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .map(InetAddress::getHostAddress)
                .findFirst()
                .orElseGet(() -> Assumptions.abort("skipped: this machine has no network address but the loopback's"));
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
        return DriverManager.getConnection(url, PostgresServer.USER, PostgresServer.PASSWORD);
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
        assertTrue(line != null && line.startsWith("devstack ready "), "said: " + line);
        return Arrays.stream(line.substring("devstack ready ".length()).split(" "))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    private static void assertStopsCleanly(Process process) throws InterruptedException {
        process.destroy();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), "still running 30 s after SIGTERM");
    }
}
