package dev.loupe.training.dataset;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.DatasetVersionReleased;
import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.events.v1.Task;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StoredObject;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import dev.loupe.training.FakeTrainer;
import dev.loupe.training.Scene;
import dev.loupe.training.TrainerProcessResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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
    void archivedProjectTakesNoNewRunsUntilItIsUnarchived() {
        DatasetVersionFrozen event = Scene.frozen(Task.CLASSIFICATION);
        String project = event.getProjectName();
        String run = Scene.run(project, FakeTrainer.SUCCEED);
        ProjectChanged archived = ProjectChanged.newBuilder()
                .setProjectId(event.getProjectId())
                .setName(project)
                .setRevision(1)
                .setArchived(true)
                .build();
        Scene.send(UUID.randomUUID().toString(), CHANGED, archived.toByteArray());

        await().atMost(Duration.ofMinutes(2)).until(() -> !Scene.knows(project));
        Scene.submit(project, Map.of("name", "transfer"), FakeTrainer.SUCCEED, null)
                .then()
                .statusCode(409)
                .body("code", equalTo("PROJECT_ARCHIVED"), "detail", containsString("unarchive"));
        Scene.awaitState(run, "SUCCEEDED");

        Scene.send(
                UUID.randomUUID().toString(),
                CHANGED,
                archived.toBuilder().setRevision(2).clearArchived().build().toByteArray());
        await().atMost(Duration.ofMinutes(2)).until(() -> Scene.knows(project));
        Scene.run(project, FakeTrainer.SUCCEED);
    }

    @Test
    void versionIsDeletedOnceNoRunUsesIt() throws Exception {
        DatasetVersionFrozen event = Scene.frozen(Task.CLASSIFICATION);
        String project = event.getProjectName();
        String run = Scene.submit(project, Map.of("name", "transfer"), FakeTrainer.SUCCEED, false)
                .path("id");
        delete(project)
                .then()
                .statusCode(409)
                .body("code", equalTo("DATASET_VERSION_IN_USE"), "detail", containsString(run));
        Scene.awaitState(run, "SUCCEEDED");
        await().atMost(Duration.ofMinutes(2))
                .until(() -> given().delete("/api/v1/runs/" + run).statusCode() == 204);

        delete(project).then().statusCode(204);

        delete(project).then().statusCode(404).body("code", equalTo("DATASET_VERSION_NOT_FOUND"));
        Scene.submit(project, Map.of("name", "transfer"), FakeTrainer.SUCCEED, false)
                .then()
                .statusCode(404)
                .body("code", equalTo("DATASET_VERSION_NOT_FOUND"));
        List<DatasetVersionReleased> released = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record :
                Scene.records("loupe.training", all -> all.stream().anyMatch(one -> isOf(event, one)))) {
            if (isOf(event, record)) {
                released.add(DatasetVersionReleased.parseFrom(record.value()));
            }
        }
        assertEquals(1, released.size());
        assertEquals(event.getDatasetVersionId(), released.getFirst().getDatasetVersionId());
        assertEquals(1, released.getFirst().getNumber());

        Scene.send(UUID.randomUUID().toString(), FROZEN, event.toByteArray()); // comes again
        Scene.frozen(Task.CLASSIFICATION); // sent and heard after it
        assertFalse(Scene.knows(project));
        given().get("/api/v1/quotas/" + project).then().statusCode(200);
        Scene.send(
                UUID.randomUUID().toString(),
                FROZEN,
                event.toBuilder()
                        .setNumber(2)
                        .setDatasetVersionId(UUID.randomUUID().toString())
                        .build()
                        .toByteArray());
        await().atMost(Duration.ofMinutes(2)).until(() -> Scene.knows(project));
    }

    private static boolean isOf(DatasetVersionFrozen event, ConsumerRecord<String, byte[]> record) {
        return event.getProjectId().equals(record.key())
                && TopicReader.type(record).equals("dev.loupe.dataset-version-released.v1");
    }

    @Test
    void aRunOrTheDeletionOfItsVersionSucceedsNotBoth() throws Exception {
        for (int i = 0; i < 10; i++) {
            String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
            CyclicBarrier together = new CyclicBarrier(2);
            try (ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Integer> run = requests.submit(() -> {
                    together.await();
                    return Scene.submit(project, Map.of("name", "transfer"), FakeTrainer.SUCCEED, false)
                            .statusCode();
                });
                Future<Integer> deletion = requests.submit(() -> {
                    together.await();
                    return delete(project).statusCode();
                });
                assertTrue(
                        Set.of(List.of(202, 409), List.of(404, 204)).contains(List.of(run.get(), deletion.get())),
                        run.get() + " " + deletion.get());
            }
        }
    }

    private static Response delete(String project) {
        return given().delete("/api/v1/dataset-versions/" + project + "/1");
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
