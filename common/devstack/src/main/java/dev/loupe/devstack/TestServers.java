package dev.loupe.devstack;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Servers for tests: those that {@code ./loupe test} started for the whole build, whose addresses are in the environment
 * variable {@value #VARIABLE}, otherwise a transient {@link Devstack} of this JVM.
 *
 * @param postgres JDBC URL of the server, without a database: {@code jdbc:postgresql://127.0.0.1:5432/}
 * @param kafka bootstrap servers
 * @param storage URL of S3
 */
public record TestServers(String postgres, String kafka, URI storage) {
    /** Contains what {@link DevstackMain} prints: {@code devstack ready postgres=… kafka=… s3=…}. */
    static final String VARIABLE = "LOUPE_TEST_SERVERS";

    public static TestServers find() {
        String line = System.getenv(VARIABLE);
        if (line != null && !line.isBlank()) {
            return parse(line);
        }
        Devstack devstack = Devstack.start(DevstackOptions.transientStack());
        Runtime.getRuntime().addShutdownHook(new Thread(devstack::close, "devstack-stop"));
        return of(devstack);
    }

    static TestServers of(Devstack devstack) {
        return new TestServers(
                server(devstack.jdbcUrl("")), devstack.kafkaBootstrapServers(), devstack.storageEndpoint());
    }

    /** @throws IllegalArgumentException if an address is missing */
    static TestServers parse(String line) {
        Map<String, String> addresses = new HashMap<>();
        for (String word : line.strip().split(" ")) {
            String[] pair = word.split("=", 2);
            addresses.put(pair[0], pair.length == 2 ? pair[1] : "");
        }
        for (String server : new String[] {"postgres", "kafka", "s3"}) {
            if (addresses.getOrDefault(server, "").isEmpty()) {
                throw new IllegalArgumentException(VARIABLE
                        + ": expected 'devstack ready postgres=URL kafka=HOST:PORT s3=URL', got '" + line + "'");
            }
        }
        return new TestServers(
                server(addresses.get("postgres")), addresses.get("kafka"), URI.create(addresses.get("s3")));
    }

    private static String server(String jdbcUrl) {
        return jdbcUrl.substring(0, jdbcUrl.lastIndexOf('/') + 1);
    }

    /** Returns a name that no other test JVM on these servers uses: the name of the module and the process id. */
    public static String uniqueName() {
        String module = Path.of("")
                .toAbsolutePath()
                .getFileName()
                .toString()
                .toLowerCase()
                .replaceAll("[^a-z0-9]+", "-");
        return module + "-" + ProcessHandle.current().pid();
    }

    /**
     * Creates a database, Loupe's topics and a bucket for one test JVM.
     *
     * @param name name of the database and the bucket, and with a dot the prefix of the topics
     * @return configuration of a service that uses them; the schema is to be appended to the URL of the database
     */
    public Map<String, String> allocate(String name) {
        Credentials credentials = Credentials.CONSTANT;
        try {
            createDatabase(name, credentials.administrator());
            KafkaBroker.createTopics(kafka, name + ".");
            createBucket(name, credentials.storage());
        } catch (SQLException | IOException | ExecutionException | TimeoutException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot prepare " + this + " for the tests: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while preparing the test servers", e);
        }
        return new HashMap<>(Map.of(
                "quarkus.datasource.jdbc.url",
                postgres + name + "?currentSchema=",
                "quarkus.datasource.username",
                PostgresServer.USER,
                "quarkus.datasource.password",
                credentials.administrator(),
                "kafka.bootstrap.servers",
                kafka,
                "loupe.topic-prefix",
                name + ".",
                "loupe.storage.endpoint",
                storage.toString(),
                "loupe.storage.access-key",
                ObjectStorageServer.ACCESS_KEY,
                "loupe.storage.secret-key",
                credentials.storage(),
                "loupe.storage.bucket",
                name));
    }

    private void createDatabase(String name, String password) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres + "postgres", PostgresServer.USER, password);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE \"" + name + "\"");
        }
    }

    /** Creates a bucket. The request is signed here (AWS signature version 2), so that this module needs no S3 client. */
    private void createBucket(String name, String secret)
            throws IOException, InterruptedException, GeneralSecurityException {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC));
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
        byte[] signed = mac.doFinal(("PUT\n\n\n\nx-amz-date:" + date + "\n/" + name).getBytes(StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(storage.resolve("/" + name))
                .header("x-amz-date", date)
                .header(
                        "Authorization",
                        "AWS " + ObjectStorageServer.ACCESS_KEY + ":"
                                + Base64.getEncoder().encodeToString(signed))
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IOException("bucket " + name + ": status " + response.statusCode() + ": " + response.body());
            }
        }
    }
}
