package dev.loupe.training.run;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.loupe.events.v1.ModelVersionDeleted;
import dev.loupe.events.v1.ModelVersionRegistered;
import dev.loupe.events.v1.Task;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.training.FakeTrainer;
import dev.loupe.training.Scene;
import dev.loupe.training.TrainerProcessResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** Runs can be deleted once no model version needs them; a deleted version takes its package along. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class RunDeletionIT {
    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @Inject
    Jdbi jdbi;

    @Inject
    Runs runs;

    @Inject
    RunDeletion deletion;

    @Test
    void runStaysWhileItsModelVersionExists() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        String run = Scene.run(project, FakeTrainer.SUCCEED);
        delete(run).then().statusCode(409).body("code", equalTo("RUN_NOT_FINISHED"));
        Scene.awaitState(run, "SUCCEEDED");
        store.put(
                new ObjectLocation(storage.bucket(), Run.prefix(UUID.fromString(run)) + "package/model.onnx"),
                new byte[] {1},
                "application/octet-stream");
        awaitSettled(run);
        delete(run)
                .then()
                .statusCode(409)
                .body("code", equalTo("RUN_IN_USE"), "detail", containsString("is being registered"));

        Scene.publish(
                "loupe.models",
                UUID.randomUUID().toString(),
                "dev.loupe.model-version-registered.v1",
                ModelVersionRegistered.newBuilder()
                        .setRunId(run)
                        .setVersion(7)
                        .build()
                        .toByteArray());
        await().atMost(Duration.ofMinutes(2))
                .until(() -> delete(run).<String>path("detail").contains("version 7"));
        assertFalse(objects(run, "package/").isEmpty());

        Scene.publish(
                "loupe.models",
                UUID.randomUUID().toString(),
                "dev.loupe.model-version-deleted.v1",
                ModelVersionDeleted.newBuilder()
                        .setRunId(run)
                        .setVersion(7)
                        .build()
                        .toByteArray());
        await().atMost(Duration.ofMinutes(2))
                .until(() -> objects(run, "package/").isEmpty());
        Scene.get(run).then().statusCode(200);

        delete(run).then().statusCode(204);
        Scene.get(run).then().statusCode(404);
        delete(run).then().statusCode(404);
        assertEquals(List.of(), objects(run, ""));
    }

    @Test
    void cancelledRunIsDeleted() {
        String run = Scene.run(FakeTrainer.HOLD);
        Scene.awaitState(run, "RUNNING");
        given().post("/api/v1/runs/{run}/cancel", run).then().statusCode(200);
        awaitSettled(run);

        Run read = runs.require(run);
        delete(run).then().statusCode(204);
        Scene.get(run).then().statusCode(404);

        // Another request had read the run before.
        deletion.delete(read, "ann");
        assertEquals(List.of("local"), jdbi.withHandle(handle -> handle.createQuery(
                        "select actor from audit where action = 'run.delete' and subject = :run")
                .bind("run", run)
                .mapTo(String.class)
                .list()));
    }

    private void awaitSettled(String run) {
        await().atMost(Duration.ofMinutes(2))
                .until(() -> jdbi.withHandle(handle -> handle.createQuery(
                                "select count(*) from attempt where run_id = :run and not discarded")
                        .bind("run", UUID.fromString(run))
                        .mapTo(Integer.class)
                        .one()
                        .equals(0)));
    }

    private List<String> objects(String run, String part) {
        return store.list(storage.bucket(), Run.prefix(UUID.fromString(run)) + part).stream()
                .map(object -> object.location().key())
                .toList();
    }

    private static Response delete(String run) {
        return given().delete("/api/v1/runs/{run}", run);
    }
}
