package dev.loupe.service;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.StringValue;
import dev.loupe.service.idempotency.IdempotencyRetention;
import dev.loupe.service.inbox.InboxRetention;
import dev.loupe.service.outbox.Outbox;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
        value = DevstackTestResource.class,
        initArgs = @ResourceArg(name = "schema", value = "service_library"))
class ServiceLibraryIT {
    @Inject
    Jdbi jdbi;

    @Inject
    Outbox outbox;

    @Inject
    IdempotencyRetention idempotencyRetention;

    @Inject
    InboxRetention inboxRetention;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    private static void refused(Map<String, ?> note, String why) {
        post("/notes", note).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"), "detail", equalTo(why));
    }

    private static Response post(String path, Object body) {
        return given().contentType(ContentType.JSON).body(body).post(path);
    }

    @Test
    void eventsArriveInTheOrderInWhichTheyWereAdded() {
        String run = UUID.randomUUID().toString();
        List<String> sent = IntStream.range(0, 40).mapToObj(i -> run + " " + i).toList();
        sent.forEach(text -> post("/notes", Map.of("text", text)).then().statusCode(201));

        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> assertEquals(sent, seen(run)));
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertEquals(0, count("select count(*) from outbox")));
    }

    @Test
    void neverSendsAnEventOfARolledBackTransaction() {
        String run = UUID.randomUUID().toString();
        post("/notes/failing", Map.of("text", run)).then().statusCode(409);
        post("/notes", Map.of("text", run + " after")).then().statusCode(201);

        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> assertEquals(List.of(run + " after"), seen(run)));
    }

    @Test
    void sendsAnEventThatCommitsAfterLaterOnes() {
        String run = UUID.randomUUID().toString();
        QuarkusTransaction.requiringNew().run(() -> {
            outbox.add(
                    "loupe.models",
                    "notes",
                    NoteResource.TYPE,
                    StringValue.of(run + " early").toByteArray());
            post("/notes", Map.of("text", run + " late")).then().statusCode(201);
            // Who wants to delete the later event waits until the earlier one is there.
            jdbi.useHandle(handle -> handle.execute("lock table outbox in share mode"));
            await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> assertEquals(List.of(run + " late"), seen(run)));
        });

        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertTrue(seen(run).contains(run + " early")));
    }

    @Test
    void aClientThatSendsTheWholeBodyFirstReadsItsRefusal() throws IOException {
        byte[] body = new byte[32 << 20];
        try (Socket socket = new Socket("localhost", RestAssured.port)) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /notes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Length: " + body.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            out.write(body);
            String response = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(response.startsWith("HTTP/1.1 413"), response);
            assertTrue(response.contains("REQUEST_TOO_LARGE"), response);
        }
    }

    @Test
    void anEventThatIsDeliveredTwiceHasOneEffect() {
        String run = UUID.randomUUID().toString();
        byte[] data = StringValue.of(run).toByteArray();
        send(run, NoteResource.TYPE, data);
        send(run, NoteResource.TYPE, data);
        send(run + "-last", NoteResource.TYPE, StringValue.of(run + " last").toByteArray());

        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertTrue(seen(run).contains(run + " last")));
        assertEquals(List.of(run, run + " last"), seen(run));
    }

    @Test
    void parksAnEventThatTheBrokerRejectsAndSendsTheOthers() {
        String run = UUID.randomUUID().toString();
        byte[] tooLarge = StringValue.of(run + "a".repeat(2 << 20)).toByteArray();
        QuarkusTransaction.requiringNew().run(() -> {
            add("notes", StringValue.of(run + " before").toByteArray());
            add("notes", tooLarge);
            add("notes", StringValue.of(run + " after").toByteArray());
            IntStream.range(0, 150)
                    .forEach(i -> add(
                            "other-" + i, StringValue.of(run + " other " + i).toByteArray()));
        });

        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertEquals(152, seen(run).size()));
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertEquals(0, count("select count(*) from outbox")));
        List<String> notes =
                seen(run).stream().filter(text -> !text.contains("other")).toList();
        assertEquals(List.of(run + " before", run + " after"), notes);
        assertEquals(1, count("select count(*) from outbox_dead_letter where octet_length(data) = " + tooLarge.length));
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> given().get("/q/metrics").then().body(containsString("loupe_outbox_parked 1.0")));
        given().get("/q/health/ready").then().statusCode(200);
    }

    private void add(String key, byte[] data) {
        outbox.add("loupe.models", key, NoteResource.TYPE, data);
    }

    @Test
    void deletesRowsAfterTheirRetention() {
        QuarkusTransaction.requiringNew()
                .run(() -> jdbi.useHandle(handle -> {
                    handle.execute("""
                    insert into idempotency (scope, key, fingerprint, status, body, created_at)
                    select 'retention', n::text, '', 200, '', now() - interval '25 hours' from generate_series(1, 2500) n""");
                    handle.execute("""
                    insert into idempotency (scope, key, fingerprint, status, body, created_at)
                    values ('retention', 'young', '', 200, '', now() - interval '23 hours')""");
                    handle.execute("""
                    insert into inbox (event_id, received_at)
                    values ('retention-old', now() - interval '31 days'), ('retention-young', now() - interval '29 days')""");
                }));

        idempotencyRetention.prune();
        inboxRetention.prune();

        assertEquals(1, count("select count(*) from idempotency where scope = 'retention'"));
        assertEquals(0, count("select count(*) from inbox where event_id = 'retention-old'"));
        assertEquals(1, count("select count(*) from inbox where event_id = 'retention-young'"));
    }

    @Test
    void reportsAFullDiskAsStorageFull() {
        for (String place : List.of("database", "disk")) {
            given().post("/notes/full/" + place)
                    .then()
                    .statusCode(507)
                    .header("Retry-After", equalTo("1"))
                    .body("code", equalTo("STORAGE_FULL"), "retryable", equalTo(true));
        }
    }

    @Test
    void refusesAnInvalidActor() {
        for (String actor : List.of("", " ", "a\tb", "-x", "a".repeat(101), "\u00fc")) {
            given().header("X-Loupe-Actor", actor)
                    .get("/notes")
                    .then()
                    .statusCode(400)
                    .body("code", equalTo("INVALID_REQUEST"), "detail", containsString("X-Loupe-Actor"));
        }
        given().header("X-Loupe-Actor", "Ann O'Neil <ann@example.org>")
                .get("/notes")
                .then()
                .statusCode(200);
    }

    @Test
    void distinguishesInvalidRequestsFromInternalErrors() {
        given().get("/notes/x").then().statusCode(400).body("detail", containsString("whole number"));
        given().get("/notes?limit=x").then().statusCode(400).body("detail", containsString("whole number"));
        given().get("/notes/bugs/argument").then().statusCode(500).body("detail", not(containsString("secret")));
        post("/notes", Map.of("text", "a", "size", List.of()))
                .then()
                .statusCode(400)
                .body("detail", equalTo("size: expected a whole number of 32 bits"));
        given().contentType(ContentType.JSON)
                .body("{\"text\":" + "[".repeat(2000))
                .post("/notes")
                .then()
                .statusCode(400)
                .body("detail", not(containsString("StreamReadConstraints")));
        given().get("/notes/5/5").then().statusCode(404).body("code", equalTo("INVALID_REQUEST"));
    }

    @Test
    void unreadableEventBecomesADeadLetterAndThePartitionContinues() {
        String run = UUID.randomUUID().toString();
        byte[] garbage = ("no protobuf " + run).getBytes(StandardCharsets.UTF_8);
        send(run, NoteResource.TYPE, garbage);
        send("no text \0 " + run, NoteResource.TYPE, StringValue.of("never").toByteArray());
        send(run + "-after", NoteResource.TYPE, StringValue.of(run + " after").toByteArray());

        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> assertEquals(List.of(run + " after"), seen(run)));
        assertTrue(deadLetters().stream().anyMatch(letter -> new String(letter, StandardCharsets.UTF_8).contains(run)));
        assertFalse(NoteConsumer.SEEN.contains("never"));
    }

    @Test
    void aRepeatedRequestGetsTheFirstResponse() {
        String key = UUID.randomUUID().toString();
        Response first = given().header("Idempotency-Key", key)
                .contentType(ContentType.JSON)
                .body(Map.of("text", "once"))
                .post("/notes");
        Response again = given().header("Idempotency-Key", key)
                .contentType(ContentType.JSON)
                .body(Map.of("text", "once"))
                .post("/notes");
        assertEquals(201, first.statusCode());
        assertEquals(201, again.statusCode());
        assertEquals((int) first.path("number"), (int) again.path("number"));

        given().header("Idempotency-Key", key)
                .contentType(ContentType.JSON)
                .body(Map.of("text", "something else"))
                .post("/notes")
                .then()
                .statusCode(422)
                .body("code", equalTo("IDEMPOTENCY_KEY_REUSED"));
    }

    @Test
    void aProblemNamesFieldExpectedAndActualValueAndNoInternals() {
        given().contentType(ContentType.JSON)
                .body("{\"text\":\"a\",\"colour\":1}")
                .post("/notes")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("code", equalTo("INVALID_REQUEST"), "detail", containsString("colour"));
        given().contentType(ContentType.JSON)
                .body("{\"text\":\"a\",\"size\":\"large\"}")
                .post("/notes")
                .then()
                .statusCode(400)
                .body("detail", containsString("size"));
        given().contentType(ContentType.JSON)
                .body("{\"text\":")
                .post("/notes")
                .then()
                .statusCode(400)
                .body("detail", not(containsString("com.")));
        refused(Map.of("size", 1), "text: expected a value, got nothing");
        refused(Map.of("text", " "), "text: expected a value, got nothing");
        refused(Map.of("text", "a".repeat(101)), "text: expected at most 100 characters, got 101");
        refused(Map.of("text", "a", "size", 10), "size: expected -1 to 9, got 10");
        refused(Map.of("text", "a\0b"), "expected text without the character U+0000");
        given().get("/notes/bugs/one")
                .then()
                .statusCode(500)
                .body("code", equalTo("INTERNAL"), "detail", not(containsString("secret")));
        given().get("/nowhere").then().statusCode(404).contentType("application/problem+json");
        given().contentType(ContentType.TEXT).body("x").post("/notes").then().statusCode(415);
    }

    @Test
    void pagesContainEachItemOnce() {
        Response first = given().get("/notes?limit=3");
        assertEquals(List.of(0, 1, 2), first.path("items"));
        assertTrue(first.header("Link").contains("rel=\"next\""), first.header("Link"));
        Response second = given().get("/notes?limit=3&cursor=" + first.path("nextCursor"));
        assertEquals(List.of(3, 4, 5), second.path("items"));
        given().get("/notes?limit=3&cursor=" + second.path("nextCursor"))
                .then()
                .body("items", equalTo(List.of(6)), "nextCursor", nullValue());

        given().get("/notes?limit=0").then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        given().get("/notes?cursor=***").then().statusCode(400).body("code", equalTo("INVALID_CURSOR"));
    }

    @Test
    void metricsIncludeTheJvmAndItsProcess() {
        List<String> expected = List.of(
                "jvm_classes_loaded_classes",
                "jvm_gc_overhead",
                "jvm_info",
                "jvm_memory_used_bytes",
                "jvm_threads_live_threads",
                "process_cpu_usage",
                "process_files_open_files",
                "process_uptime_seconds");
        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
            String metrics =
                    given().get("/q/metrics").then().statusCode(200).extract().asString();
            expected.forEach(name -> assertTrue(metrics.contains("\n" + name), name));
        });
    }

    @Test
    void theAuditLogIsAppendOnly() {
        post("/notes", Map.of("text", "audited")).then().statusCode(201);
        assertTrue(count("select count(*) from audit where subject = 'audited'") >= 1);
        Exception refused =
                assertThrows(Exception.class, () -> jdbi.useHandle(handle -> handle.execute("delete from audit")));
        assertTrue(refused.getMessage().contains("append-only"), refused.getMessage());
    }

    private static List<String> seen(String run) {
        return NoteConsumer.SEEN.stream().filter(text -> text.startsWith(run)).toList();
    }

    private int count(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(Integer.class).one());
    }

    private void send(String id, String type, byte[] data) {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers), new StringSerializer(), new ByteArraySerializer())) {
            ProducerRecord<String, byte[]> record =
                    new ProducerRecord<>(DevstackTestResource.topic("loupe.models"), "notes", data);
            Map.of("ce_specversion", "1.0", "ce_id", id, "ce_source", "/test", "ce_type", type)
                    .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
            producer.send(record);
        }
    }

    private List<byte[]> deadLetters() {
        return TopicReader.read(brokers, "loupe.dead-letters", letters -> !letters.isEmpty()).stream()
                .map(ConsumerRecord::value)
                .toList();
    }
}
