package dev.loupe.service;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.service.telemetry.TraceParent;
import dev.loupe.service.telemetry.WorkScope;
import dev.loupe.testing.CapturedLog;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import io.quarkus.bootstrap.logging.InitialConfigurator;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.handlers.ConsoleHandler;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
        value = DevstackTestResource.class,
        initArgs = @ResourceArg(name = "schema", value = "service_library"))
class TelemetryIT {
    @Inject
    ObjectMapper json;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    private final String trace = UUID.randomUUID().toString().replace("-", "");

    @Test
    void anEventCarriesTheTraceOfTheRequestToItsConsumer() {
        String note = UUID.randomUUID().toString();
        try (CapturedLog log = CapturedLog.begin()) {
            given().header("traceparent", "00-" + trace + "-00f067aa0ba902b7-01")
                    .contentType(ContentType.JSON)
                    .body(Map.of("text", note))
                    .post("/notes")
                    .then()
                    .statusCode(201);

            await().atMost(Duration.ofMinutes(2))
                    .until(() -> !log.lines("heard of " + note).isEmpty());
            assertEquals(trace, log.lines("heard of " + note).getFirst().ids().get("traceId"));
        }
        List<ConsumerRecord<String, byte[]>> sent =
                TopicReader.read(brokers, "loupe.models", all -> all.stream().anyMatch(record -> isOf(record, note)));
        String traceparent = sent.stream()
                .filter(record -> isOf(record, note))
                .map(record ->
                        new String(record.headers().lastHeader("traceparent").value(), UTF_8))
                .findFirst()
                .orElseThrow();
        assertTrue(traceparent.startsWith("00-" + trace + "-"), traceparent);
    }

    private static boolean isOf(ConsumerRecord<String, byte[]> record, String note) {
        return new String(record.value(), UTF_8).contains(note);
    }

    @Test
    void aScopeSetsTraceAndIdsAndRestoresThePreviousOnes() {
        try (CapturedLog log = CapturedLog.begin();
                WorkScope _ = WorkScope.open("00-" + trace + "-00f067aa0ba902b7-00", Map.of("runId", "outer"))) {
            String other = "4bf92f3577b34da6a3ce929d0e0e4736";
            try (WorkScope _ =
                    WorkScope.open("00-" + other + "-00f067aa0ba902b7-01", Map.of("runId", "inner", "attempt", "2"))) {
                NoteConsumer.LOG.info("within");
                assertEquals("00-" + other + "-00f067aa0ba902b7-01", TraceParent.current());
            }
            NoteConsumer.LOG.info("around");
            assertEquals("00-" + trace + "-00f067aa0ba902b7-00", TraceParent.current());

            Map<String, String> within = log.lines("within").getFirst().ids();
            assertEquals("inner", within.get("runId"));
            assertEquals("2", within.get("attempt"));
            assertEquals("4bf92f3577b34da6a3ce929d0e0e4736", within.get("traceId"));
            Map<String, String> around = log.lines("around").getFirst().ids();
            assertEquals("outer", around.get("runId"));
            assertNull(around.get("attempt"));
            assertEquals(trace, around.get("traceId"));
        }
        try (CapturedLog log = CapturedLog.begin();
                WorkScope _ = WorkScope.open(null, Map.of())) {
            NoteConsumer.LOG.info("afterwards");
            assertNull(TraceParent.current());
            assertNull(log.lines("afterwards").getFirst().ids().get("traceId"));
            assertNull(log.lines("afterwards").getFirst().ids().get("runId"));
        }
    }

    @Test
    void ignoresAnInvalidTraceparent() {
        for (String text : List.of("", "00", "00-" + trace + "-0-01", "no\ntrace")) {
            try (WorkScope _ = WorkScope.open(text, Map.of())) {
                assertNull(TraceParent.current(), text);
            }
        }
    }

    @Test
    void aLogRecordIsOneLineOfJson() throws Exception {
        ExtLogRecord entry = new ExtLogRecord(Level.ERROR, "two\n\"lines\" \u0000\u2028", "some.Caller");
        entry.setLoggerName("dev.loupe.some");
        entry.setThrown(new IllegalStateException("first\nsecond", new RuntimeException("why")));
        entry.putMdc("runId", "r");

        String written = console().getFormatter().format(entry);

        assertEquals(written.length() - 1, written.indexOf('\n'), written);
        JsonNode line = json.readTree(written);
        assertEquals("two\n\"lines\" \u0000\u2028", line.path("message").asText());
        assertEquals("ERROR", line.path("level").asText());
        assertEquals("dev.loupe.some", line.path("logger").asText());
        assertEquals("r", line.path("mdc").path("runId").asText());
        assertEquals("library-under-test", line.path("service").asText());
        assertFalse(line.path("version").asText().isEmpty());
        assertTrue(line.path("exception").asText().contains("Caused by: java.lang.RuntimeException: why"), written);
        assertTrue(OffsetDateTime.parse(line.path("timestamp").asText()).getYear() > 2000);
        Set<String> fields = new TreeSet<>();
        line.fieldNames().forEachRemaining(fields::add);
        assertEquals(
                Set.of("timestamp", "level", "logger", "message", "thread", "mdc", "exception", "service", "version"),
                fields);
    }

    private static ConsoleHandler console() {
        return Arrays.stream(InitialConfigurator.DELAYED_HANDLER.getHandlers())
                .filter(ConsoleHandler.class::isInstance)
                .map(ConsoleHandler.class::cast)
                .findFirst()
                .orElseThrow();
    }
}
