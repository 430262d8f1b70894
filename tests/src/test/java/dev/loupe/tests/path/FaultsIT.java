package dev.loupe.tests.path;

import static dev.loupe.tests.path.TrainedProject.SURFACES;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.RunRequest;
import dev.loupe.contracts.Task;
import dev.loupe.events.v1.AliasMoved;
import dev.loupe.local.Server;
import dev.loupe.tests.path.DrawnSurface.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Kills trainer and services with SIGKILL during training and serving. */
@ExtendWith(RunningStack.class)
class FaultsIT {
    private static final String CLASSES = "drawn-classes";
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @BeforeAll
    static void teach(@TempDir Path folder) throws IOException {
        TrainedProject.surfaces();
        Connection loupe = RunningStack.loupe();
        loupe.datasets().createProject(CLASSES, Task.CLASSIFICATION, null);
        loupe.datasets().importImages(CLASSES, DrawnSurface.classesZip(folder, 40));
        loupe.datasets().freeze(CLASSES, 1L, null);
    }

    private static JsonNode run(String id) {
        return RunningStack.loupe().training().run(id);
    }

    /** Starts a long run with the recipe scratch, and waits for its first checkpoints. */
    private static String runInTheMiddle() {
        String id = RunningStack.loupe()
                .training()
                .start(RunRequest.of(CLASSES, TrainedProject.scratch(24), 7, true))
                .path("id")
                .asText();
        await().atMost(PATIENCE).until(() -> {
            JsonNode progress = run(id).path("progress");
            return progress.path("phase").asText().equals("train")
                    && progress.path("done").asInt() >= 4;
        });
        return id;
    }

    private static ProcessHandle trainerOf(String runId) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains("dev.loupe.trainer") && line.contains(runId.replace("-", "")))
                        .isPresent())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no trainer of run " + runId + " was found"));
    }

    private static JsonNode ended(String id) {
        await().atMost(PATIENCE).until(() -> dev.loupe.cli.server.Training.isFinal(run(id)));
        return run(id);
    }

    private static long versionsOf(String runId) {
        return RunningStack.loupe().models().versions(CLASSES).stream()
                .filter(version -> version.path("runId").asText().equals(runId))
                .count();
    }

    @Test
    void aKilledTrainerIsFollowedByOneThatGoesOn() {
        String id = runInTheMiddle();
        assertTrue(trainerOf(id).destroyForcibly());

        JsonNode ended = ended(id);

        assertEquals("SUCCEEDED", ended.path("state").asText(), ended.toPrettyString());
        assertEquals(2, ended.path("attempt").asInt());
        assertFalse(ended.path("resumedFrom").asText("").isBlank(), ended.toPrettyString());
        RunningStack.loupe().models().awaitReady(CLASSES, id);
        assertEquals(1, versionsOf(id));
    }

    @Test
    void aKilledTrainingServiceFindsItsRunAgain() throws InterruptedException {
        String id = runInTheMiddle();
        Process service = RunningStack.stack().process(Server.TRAINING);
        service.destroyForcibly().waitFor();
        RunningStack.stack().restart(Server.TRAINING);

        JsonNode ended = ended(id);

        assertEquals("SUCCEEDED", ended.path("state").asText(), ended.toPrettyString());
        assertEquals(1, ended.path("attempt").asInt());
        RunningStack.loupe().models().awaitReady(CLASSES, id);
        assertEquals(1, versionsOf(id));
    }

    @Test
    void predictionsAndPromotionsGoOnWithoutTheBroker() throws InterruptedException {
        Connection loupe = RunningStack.loupe();
        byte[] image = DrawnSurface.png(9, Kind.SCRATCHED);
        RunningStack.stack().process(Server.BROKER).destroyForcibly().waitFor();
        Instant stopped = Instant.now();

        JsonNode moved = loupe.models().promote(SURFACES, "production", 2, true, "while the broker is away");
        await().pollInterval(Duration.ofMillis(500))
                .atMost(Duration.ofSeconds(90))
                .until(() -> {
                    // every one must succeed: an exception ends the wait
                    int version = loupe.predictions()
                            .detectAnomaly(SURFACES, "", image, false)
                            .getProvenance()
                            .getVersion();
                    assertEquals(2, version);
                    return Duration.between(stopped, Instant.now()).toSeconds() >= 60;
                });
        RunningStack.stack().restart(Server.BROKER);

        long generation = moved.path("generation").asLong();
        await().atMost(Duration.ofMinutes(2)).until(() -> aliasMoves().stream()
                .anyMatch(event -> event.getProjectName().equals(SURFACES)
                        && event.getGeneration() == generation
                        && event.getVersion() == 2));
        loupe.models().rollback(SURFACES, "production");
    }

    private static List<AliasMoved> aliasMoves() throws InvalidProtocolBufferException {
        List<AliasMoved> moves = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        RunningStack.stack().kafkaBootstrapServers(),
                        "group.id",
                        UUID.randomUUID().toString(),
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("loupe.models"));
            Instant enough = Instant.now().plusSeconds(5);
            while (Instant.now().isBefore(enough)) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(300))) {
                    String type =
                            new String(record.headers().lastHeader("ce_type").value(), StandardCharsets.UTF_8);
                    if (type.equals("dev.loupe.alias-moved.v1")) {
                        moves.add(AliasMoved.parseFrom(record.value()));
                    }
                }
            }
        }
        return moves;
    }
}
