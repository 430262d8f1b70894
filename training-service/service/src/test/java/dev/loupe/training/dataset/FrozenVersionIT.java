package dev.loupe.training.dataset;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.events.v1.Task;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StoredObject;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.training.FakeTrainer;
import dev.loupe.training.Scene;
import dev.loupe.training.TrainerProcessResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class FrozenVersionIT {
    private static final String CHANGED = "dev.loupe.project-changed.v1";
    private static final String FROZEN = "dev.loupe.dataset-version-frozen.v1";

    @Inject
    FrozenVersions versions;

    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @Test
    void aVersionThatIsAnnouncedAgainStaysAsItWas() {
        DatasetVersionFrozen event = Scene.frozen(Task.CLASSIFICATION);
        byte[] changed = event.toBuilder().setTrainImages(99).build().toByteArray();
        Scene.send(UUID.randomUUID().toString(), FROZEN, changed);
        DatasetVersionFrozen second = event.toBuilder()
                .setNumber(2)
                .setDatasetVersionId(UUID.randomUUID().toString())
                .build();
        Scene.send(UUID.randomUUID().toString(), FROZEN, second.toByteArray());

        await().atMost(Duration.ofMinutes(2))
                .until(() -> versions.require(event.getProjectId(), null).number() == 2);
        assertEquals(10, versions.require(event.getProjectName(), 1).trainImages());
    }

    @Test
    void anEventWithTheNumberOfClassesAndOneWithTheirNamesAreUnderstood() {
        DatasetVersionFrozen names = Scene.frozen(Task.CLASSIFICATION);
        DatasetVersionFrozen number = Scene.version(Task.CLASSIFICATION)
                .clearClasses()
                .setClassCount(3)
                .build();
        Scene.send(UUID.randomUUID().toString(), FROZEN, number.toByteArray());
        await().atMost(Duration.ofMinutes(2)).until(() -> Scene.knows(number.getProjectName()));

        assertEquals(2, versions.require(names.getProjectName(), 1).classes());
        assertEquals(3, versions.require(number.getProjectName(), 1).classes());
    }

    @Test
    void unreadableEventGoesToTheDeadLettersAndTheNextVersionIsHeard() {
        String mark = UUID.randomUUID().toString();
        Scene.send(mark, FROZEN, ("no protobuf " + mark).getBytes(StandardCharsets.UTF_8));
        byte[] noUuid = Scene.version(Task.CLASSIFICATION)
                .setProjectId("no uuid " + mark)
                .build()
                .toByteArray();
        Scene.send(mark + "-2", FROZEN, noUuid);
        Scene.send(mark + "-3", "dev.loupe.something-else.v1", noUuid);

        assertTrue(Scene.knows(Scene.frozen(Task.CLASSIFICATION).getProjectName()));
        long letters = Scene.records("loupe.dead-letters", all -> count(all, mark) >= 2).stream()
                .filter(letter -> text(letter.value()).contains(mark))
                .count();
        assertEquals(2, letters);
    }

    @Test
    void renamedProjectIsFoundByBothNamesAndAnOlderRevisionChangesNothing() {
        DatasetVersionFrozen event = Scene.frozen(Task.CLASSIFICATION);
        String former = event.getProjectName();
        given().contentType(ContentType.JSON)
                .body("{\"maxRuns\": 3}")
                .put("/api/v1/quotas/" + former)
                .then()
                .statusCode(200);
        ProjectChanged renamed = ProjectChanged.newBuilder()
                .setProjectId(event.getProjectId())
                .setName(former + "-b")
                .addFormerNames(former)
                .setRevision(2)
                .build();
        Scene.send(UUID.randomUUID().toString(), CHANGED, renamed.toByteArray());
        Scene.send(
                UUID.randomUUID().toString(),
                CHANGED,
                renamed.toBuilder().setName("older").setRevision(1).build().toByteArray());
        DatasetVersionFrozen second = event.toBuilder()
                .setNumber(2)
                .setDatasetVersionId(UUID.randomUUID().toString())
                .build(); // announced before the rename, heard after it
        Scene.send(UUID.randomUUID().toString(), FROZEN, second.toByteArray());

        await().atMost(Duration.ofMinutes(2))
                .until(() -> versions.require(event.getProjectId(), null).number() == 2);
        for (String name : List.of(former, former + "-b", event.getProjectId())) {
            assertEquals(former + "-b", versions.require(name, 2).projectName());
        }
        for (String name : List.of(former, former + "-b")) {
            given().get("/api/v1/quotas/" + name).then().body("maxRuns", equalTo(3), "project", equalTo(former + "-b"));
        }
    }

    @Test
    void deletedProjectTakesItsRunsAndTheirObjectsWithIt() {
        DatasetVersionFrozen event = Scene.frozen(Task.CLASSIFICATION);
        String done = Scene.run(event.getProjectName(), FakeTrainer.SUCCEED);
        Scene.awaitState(done, "SUCCEEDED");
        String running = Scene.run(event.getProjectName(), FakeTrainer.HOLD);
        Scene.awaitState(running, "RUNNING");
        ProcessHandle trainer = Scene.trainer(running, 1);
        assertFalse(objects(done).isEmpty());

        ProjectChanged deleted = ProjectChanged.newBuilder()
                .setProjectId(event.getProjectId())
                .setName(event.getProjectName())
                .setRevision(1)
                .setDeleted(true)
                .build();
        Scene.send(UUID.randomUUID().toString(), CHANGED, deleted.toByteArray());

        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
            assertEquals(404, Scene.get(done).statusCode());
            assertEquals(404, Scene.get(running).statusCode());
        });
        assertFalse(trainer.isAlive());
        assertEquals(List.of(), objects(done));
        assertFalse(Scene.knows(event.getProjectName()));
        DatasetVersionFrozen late = event.toBuilder()
                .setNumber(2)
                .setDatasetVersionId(UUID.randomUUID().toString())
                .build();
        Scene.send(UUID.randomUUID().toString(), FROZEN, late.toByteArray());
        Scene.frozen(Task.CLASSIFICATION); // sent and heard after it
        assertFalse(Scene.knows(event.getProjectName()));
    }

    private List<StoredObject> objects(String run) {
        return store.list(storage.bucket(), "runs/" + run + "/");
    }

    private static long count(
            java.util.List<org.apache.kafka.clients.consumer.ConsumerRecord<String, byte[]>> letters, String mark) {
        return letters.stream()
                .filter(letter -> text(letter.value()).contains(mark))
                .count();
    }

    private static String text(byte[] value) {
        return new String(value, StandardCharsets.UTF_8);
    }
}
