package dev.loupe.dataset.version;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import dev.loupe.dataset.Zip;
import dev.loupe.dataset.image.StoredObjects;
import dev.loupe.events.v1.DatasetVersionReleased;
import dev.loupe.service.outbox.Outbox;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

@QuarkusTest
class DeletedVersionsIT extends DatasetServiceIT {
    @Inject
    DeletedVersions deletedVersions;

    @Inject
    StoredObjects objects;

    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @Inject
    Outbox outbox;

    @Inject
    Jdbi jdbi;

    @Test
    void releasedVersionIsDeletedWithTheImagesThatOnlyItKept() {
        String project = classificationProject();
        byte[] kept = Drawn.png();
        byte[] deleted = Drawn.png();
        importZip(project, new Zip().images("cat", 5).images("dog", 5).bytes());
        upload(project, kept, "label=cat").then().statusCode(201);
        freeze(project).then().body("number", equalTo(1));
        upload(project, deleted, "label=dog").then().statusCode(201);
        freeze(project).then().body("number", equalTo(2));
        for (byte[] image : List.of(kept, deleted)) {
            given().delete(project + "/images/" + Sha256.of(image)).then().statusCode(204);
        }
        jdbi.useHandle(handle -> handle.execute("delete from image_deletion"));
        sweepObjects();
        assertTrue(store.find(objects.location(Sha256.of(deleted))).isPresent());

        DatasetVersionReleased event = released(project, 2);
        release(event);
        release(event);

        await().atMost(Duration.ofMinutes(2))
                .until(() -> given().get(project + "/versions/2").statusCode() == 404);
        given().get(project + "/versions").then().body("items.number", equalTo(List.of(1)));
        given().get(project + "/versions/1/changes?from=2").then().statusCode(404);
        await().atMost(Duration.ofMinutes(2)).until(() -> {
            deletedVersions.sweep();
            return manifests(project).size() == 1;
        });
        sweepObjects();
        assertTrue(store.find(objects.location(Sha256.of(deleted))).isEmpty());
        assertTrue(store.find(objects.location(Sha256.of(kept))).isPresent(), "version 1 keeps it");
        freeze(project).then().statusCode(201).body("number", equalTo(3));
        assertEquals(2, manifests(project).size());
    }

    private static DatasetVersionReleased released(String project, int number) {
        return DatasetVersionReleased.newBuilder()
                .setProjectId(given().get(project).path("id"))
                .setDatasetVersionId(
                        given().get(project + "/versions/" + number).path("id"))
                .setNumber(number)
                .build();
    }

    /** As training-service does when no run uses the version. */
    private void release(DatasetVersionReleased event) {
        QuarkusTransaction.requiringNew()
                .run(() -> outbox.add(
                        "loupe.training",
                        event.getProjectId(),
                        "dev.loupe.dataset-version-released.v1",
                        event.toByteArray()));
    }

    private List<String> manifests(String project) {
        return store.list(storage.bucket(), "projects/" + given().get(project).path("id") + "/").stream()
                .map(object -> object.location().key())
                .toList();
    }

    private void sweepObjects() {
        while (objects.sweep(Duration.ofSeconds(-1)) > 0) {
            // other tests leave orphans too
        }
    }
}
