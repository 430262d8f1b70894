package dev.loupe.training;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.ObjectRef;
import dev.loupe.events.v1.Task;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.ConfigProvider;

/** What the tests of the service do again and again. */
public final class Scene {
    private Scene() {}

    /** A frozen version of a new project that the service knows; its event. */
    public static DatasetVersionFrozen frozen(Task task) {
        DatasetVersionFrozen event = version(task).build();
        freeze(event);
        return event;
    }

    /** Tells the service of a version, and waits until it knows it. */
    public static void freeze(DatasetVersionFrozen event) {
        send(UUID.randomUUID().toString(), "dev.loupe.dataset-version-frozen.v1", event.toByteArray());
        await().atMost(Duration.ofMinutes(2)).until(() -> knows(event.getProjectName()));
    }

    /** A version of a new project. */
    public static DatasetVersionFrozen.Builder version(Task task) {
        UUID project = UUID.randomUUID();
        return DatasetVersionFrozen.newBuilder()
                .setProjectId(project.toString())
                .setProjectName("p-" + project)
                .setTask(task)
                .setDatasetVersionId(UUID.randomUUID().toString())
                .setNumber(1)
                .setManifest(ObjectRef.newBuilder()
                        .setBucket("loupe")
                        .setKey("projects/" + project + "/versions/1/manifest.json")
                        .setSha256("cd".repeat(32)))
                .setTrainImages(10)
                .setDevImages(2)
                .setTestImages(4)
                .addAllClasses(task == Task.CLASSIFICATION ? List.of("a", "b") : List.of("normal", "abnormal"))
                .setTestDigest("ef".repeat(32));
    }

    /** Whether runs of the project are accepted: asked with a recipe that never is. */
    public static boolean knows(String project) {
        return "RECIPE_NOT_FOUND"
                .equals(submit(project, Map.of("name", "none"), 1, null).path("code"));
    }

    public static Response submit(String project, Map<String, Object> recipe, long seed, Boolean register) {
        Map<String, Object> body = new HashMap<>(Map.of("project", project, "recipe", recipe, "seed", seed));
        if (register != null) {
            body.put("register", register);
        }
        return given().contentType(ContentType.JSON).body(body).post("/api/v1/runs");
    }

    /** A classification run on a new project, that a trainer of the tests treats as the seed says. */
    public static String run(long seed) {
        return run(frozen(Task.CLASSIFICATION).getProjectName(), seed);
    }

    public static String run(String project, long seed) {
        return submit(project, Map.of("name", "transfer"), seed, null)
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    public static Response get(String run) {
        return given().get("/api/v1/runs/" + run);
    }

    public static void awaitState(String run, String state) {
        await("run " + run + " is " + state).atMost(Duration.ofMinutes(2)).until(() -> get(run).path("state")
                .equals(state));
    }

    /** Folder of a job. */
    public static Path folder(String run, int attempt) {
        return Path.of(ConfigProvider.getConfig().getValue("loupe.training.process.directory", String.class))
                .resolve("loupe-run-" + run.replace("-", "") + "-" + attempt);
    }

    /** The trainer of a job, once it is there. */
    public static ProcessHandle trainer(String run, int attempt) {
        Path claim = folder(run, attempt).resolve("trainer.pid");
        await().atMost(Duration.ofMinutes(2)).until(() -> Files.exists(claim));
        try {
            return ProcessHandle.of(Long.parseLong(Files.readString(claim).split(" ")[0]))
                    .orElseThrow();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Sends a CloudEvent to the topic of datasets. */
    public static void send(String id, String type, byte[] data) {
        publish("loupe.datasets", id, type, data);
    }

    /** Sends a CloudEvent to a topic. */
    public static void publish(String topic, String id, String type, byte[] data) {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers()), new StringSerializer(), new ByteArraySerializer())) {
            ProducerRecord<String, byte[]> record = new ProducerRecord<>(DevstackTestResource.topic(topic), "p", data);
            Map.of("ce_specversion", "1.0", "ce_id", id, "ce_source", "/tests", "ce_type", type)
                    .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
            producer.send(record);
        }
    }

    /** What a topic holds, read until the condition that the caller waits for is met. */
    public static List<ConsumerRecord<String, byte[]>> records(
            String topic, java.util.function.Predicate<List<ConsumerRecord<String, byte[]>>> enough) {
        return TopicReader.read(brokers(), topic, enough);
    }

    private static String brokers() {
        return ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class);
    }
}
