package dev.loupe.dataset.version;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Zip;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

@QuarkusTest
class FreezeIT extends DatasetServiceIT {
    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    @Test
    void aFrozenVersionIsAManifestInStorageAndAnEventThatNamesIt() throws Exception {
        String project = anomalyProject();
        importZip(
                        project,
                        new Zip()
                                .pictures("train/good", 20)
                                .pictures("test/good", 4)
                                .pictures("test/scratch", 5)
                                .bytes())
                .then()
                .statusCode(200)
                .body("accepted", equalTo(29), "layout", equalTo("MVTEC"));

        Response frozen = freeze(project);
        frozen.then()
                .statusCode(201)
                .body(
                        "number", equalTo(1),
                        "counts.TRAIN", equalTo(Map.of("normal", 18)),
                        "counts.DEV", equalTo(Map.of("normal", 2)),
                        "counts.TEST", equalTo(Map.of("normal", 4, "abnormal", 5)),
                        "classes", equalTo(List.of("normal", "abnormal")),
                        "warnings.code", hasItem("TOO_FEW_IMAGES"));

        String projectId = given().get(project).path("id");
        byte[] bytes =
                store.read(new ObjectLocation(storage.bucket(), "projects/" + projectId + "/versions/1/manifest.json"));
        assertEquals(frozen.path("digest"), Sha256.of(bytes));
        DatasetManifest manifest = new ObjectMapper().readValue(bytes, DatasetManifest.class);
        assertEquals(29, manifest.images().size());
        for (DatasetManifest.Entry image : manifest.images()) {
            byte[] content = store.read(new ObjectLocation(manifest.bucket(), image.key()), image.sha256());
            assertEquals(image.size(), content.length);
        }

        ConsumerRecord<String, byte[]> event = event(projectId);
        assertEquals(
                "dev.loupe.dataset-version-frozen.v1",
                new String(event.headers().lastHeader("ce_type").value(), StandardCharsets.UTF_8));
        DatasetVersionFrozen said = DatasetVersionFrozen.parseFrom(event.value());
        assertEquals(Sha256.of(bytes), said.getManifest().getSha256());
        assertEquals(bytes.length, said.getManifest().getSize());
        assertEquals(List.of(18, 2, 9), List.of(said.getTrainImages(), said.getDevImages(), said.getTestImages()));
        assertEquals(frozen.path("testDigest"), said.getTestDigest());
        assertEquals(frozen.path("id"), said.getDatasetVersionId());
    }

    private ConsumerRecord<String, byte[]> event(String key) {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                brokers,
                "group.id",
                UUID.randomUUID().toString(),
                "auto.offset.reset",
                "earliest");
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("loupe.datasets"));
            List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                consumer.poll(Duration.ofMillis(300)).forEach(record -> {
                    if (record.key().equals(key)) {
                        found.add(record);
                    }
                });
                return !found.isEmpty();
            });
            return found.getFirst();
        }
    }
}
