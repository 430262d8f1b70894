package dev.loupe.dataset.upload;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import dev.loupe.dataset.Zip;
import dev.loupe.dataset.image.StoredObjects;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Imports as resources: state, progress, cancellation, and what happens when a replica ends. */
@QuarkusTest
class ImportIT extends DatasetServiceIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Inject
    ObjectStore store;

    @Inject
    StoredObjects objects;

    @Inject
    Jdbi jdbi;

    @Inject
    UploadMemory memory;

    @Inject
    StoredArchives archives;

    @Inject
    RequestBodyStore bodies;

    @Test
    void importIsResourceWithProgressAndReport() {
        String project = classificationProject();
        byte[] zip = new Zip().images("cat", 3).images("dog", 2).bytes();
        Response started = startImport(project, zip, "");
        String id = started.path("id");
        started.then()
                .statusCode(202)
                .header("Location", endsWith(project + "/imports/" + id))
                .body("state", equalTo("QUEUED"), "size", equalTo(zip.length), "report", nullValue());
        awaitImport(started.header("Location"))
                .then()
                .body(
                        "state", equalTo("SUCCEEDED"),
                        "progress.done", equalTo(5),
                        "progress.total", equalTo(5),
                        "progress.bytesDone", notNullValue(),
                        "interruptions", equalTo(0),
                        "report.added", equalTo(5),
                        "reason", nullValue(),
                        "startedAt", notNullValue(),
                        "finishedAt", notNullValue());
        await().atMost(PATIENCE).until(() -> store.find(archive(id)).isEmpty());
        assertEquals(0, contents(id));
    }

    @Test
    void listsImportsNewestFirst() {
        String project = classificationProject();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ids.addFirst(importZip(project, new Zip().images("cat", 1).bytes()).path("id"));
        }
        Response first = given().get(project + "/imports?limit=2");
        assertEquals(ids.subList(0, 2), first.path("items.id"));
        given().queryParam("cursor", first.<String>path("nextCursor"))
                .get(project + "/imports")
                .then()
                .body("items.id", equalTo(ids.subList(2, 3)));
        given().get(classificationProject() + "/imports").then().body("items", empty());
        given().get(classificationProject() + "/imports/" + ids.getFirst())
                .then()
                .statusCode(404)
                .body("code", equalTo("IMPORT_NOT_FOUND"));
    }

    @Test
    void repeatedRequestGetsFirstAnswerAndKeyBelongsToOneArchive() {
        String project = classificationProject();
        String key = UUID.randomUUID().toString();
        byte[] zip = new Zip().images("cat", 3).bytes();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ids.add(given().header("Idempotency-Key", key)
                    .contentType("application/zip")
                    .body(zip)
                    .post(project + "/imports")
                    .then()
                    .statusCode(202)
                    .extract()
                    .path("id"));
        }
        assertEquals(ids.getFirst(), ids.getLast());
        given().get(project + "/imports").then().body("items.size()", equalTo(1));
        given().header("Idempotency-Key", key)
                .contentType("application/zip")
                .body(new Zip().images("dog", 1).bytes())
                .post(project + "/imports")
                .then()
                .statusCode(422)
                .body("code", equalTo("IDEMPOTENCY_KEY_REUSED"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/x-zip-compressed", "application/octet-stream", "application/x-zip"})
    void acceptsMediaTypesOfZipFiles(String mediaType) {
        given().contentType(mediaType)
                .body(new Zip().images("cat", 1).bytes())
                .post(classificationProject() + "/imports")
                .then()
                .statusCode(202);
    }

    @Test
    void importWaitsForMemoryAndCanBeCancelled() {
        String project = classificationProject();
        byte[] zip = new Zip().images("cat", 2).bytes();
        long free = memory.limit();
        // Imports of other tests may not have ended yet.
        await().atMost(PATIENCE).until(() -> memory.tryTake(free));
        String waiting;
        try {
            waiting = startImport(project, zip, "").header("Location");
            await().atMost(PATIENCE)
                    .until(() -> "OVERLOADED".equals(given().get(waiting).path("reason.code")));
            String cancelled = startImport(project, zip, "").header("Location");
            for (int i = 0; i < 2; i++) {
                given().post(cancelled + "/cancel").then().statusCode(200).body("state", equalTo("CANCELLED"));
            }
            given().get(project).then().body("images", equalTo(0));
        } finally {
            memory.giveBack(free);
        }
        awaitImport(waiting).then().body("state", equalTo("SUCCEEDED"), "reason", nullValue());
        given().post(waiting + "/cancel").then().statusCode(409).body("code", equalTo("IMPORT_FINISHED"));
        assertEquals(free, memory.free());
    }

    @Test
    void importIsContinuedAfterItsReplicaEnded() {
        String project = classificationProject();
        String id = interrupted(project, new Zip().images("cat", 4).bytes(), 0, true);
        awaitImport(project + "/imports/" + id)
                .then()
                .body("state", equalTo("SUCCEEDED"), "interruptions", equalTo(1), "report.added", equalTo(4));
        given().get(project).then().body("images", equalTo(4));
    }

    @Test
    void importFailsAfterTooManyInterruptions() {
        String project = classificationProject();
        String id = interrupted(project, new Zip().images("cat", 1).bytes(), 3, true);
        awaitImport(project + "/imports/" + id)
                .then()
                .body("state", equalTo("FAILED"), "reason.code", equalTo("IMPORT_INTERRUPTED"));
        given().get(project).then().body("images", equalTo(0));
    }

    @Test
    void importFailsIfItsArchiveIsMissing() {
        String project = classificationProject();
        String id = interrupted(project, new Zip().images("cat", 1).bytes(), 0, false);
        awaitImport(project + "/imports/" + id)
                .then()
                .body("state", equalTo("FAILED"), "reason.code", equalTo("INTERNAL"));
    }

    /** An import that the database shows as RUNNING in a replica that has ended. Returns its id. */
    private String interrupted(String project, byte[] zip, int interruptions, boolean stored) {
        Response model = importZip(project, new Zip().bytes());
        UUID id = UUID.randomUUID();
        if (stored) {
            store.put(archive(id.toString()), zip, "application/zip");
        }
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into image_import (id, project_id, actor, relabel, sha256, size, state, attempt,
                                                  interruptions, started_at)
                        values (:id, :project, 'test', false, :sha256, :size, 'RUNNING', 1, :interruptions, now())""")
                .bind("id", id)
                .bind("project", UUID.fromString(model.path("projectId")))
                .bind("sha256", Sha256.of(zip))
                .bind("size", zip.length)
                .bind("interruptions", interruptions)
                .execute());
        return id.toString();
    }

    @Test
    void deletedProjectEndsItsImports() {
        String project = classificationProject();
        long free = memory.free();
        memory.take(free);
        String id;
        try {
            id = startImport(project, new Zip().images("cat", 2).bytes(), "").path("id");
            given().delete(project + "?confirm=" + project.substring(project.lastIndexOf('/') + 1))
                    .then()
                    .statusCode(204);
        } finally {
            memory.giveBack(free);
        }
        await().atMost(PATIENCE).until(() -> bodies.total() == 0);
        archives.sweep(Duration.ofSeconds(-1));
        assertEquals(Optional.empty(), store.find(archive(id)));
    }

    @Test
    void sweepKeepsArchivesOfUnfinishedImports() {
        String project = classificationProject();
        store.put(archive("left-behind"), new byte[1], "application/zip");
        long free = memory.free();
        memory.take(free);
        try {
            String id =
                    startImport(project, new Zip().images("cat", 2).bytes(), "").path("id");
            assertFalse(archives.sweep(Duration.ofHours(1)) > 0);
            assertTrue(archives.sweep(Duration.ofSeconds(-1)) > 0);
            assertTrue(store.find(archive(id)).isPresent());
            assertTrue(store.find(archive("left-behind")).isEmpty());
            given().post(project + "/imports/" + id + "/cancel").then().statusCode(200);
        } finally {
            memory.giveBack(free);
        }
    }

    @Test
    void inspectionShowsWhatImportWouldDoAndAddsNothing() {
        String project = anomalyProject();
        byte[] zip = new Zip()
                .images("part/train/good", 3)
                .file("part/test/cut/0.png", Drawn.png(20, 10))
                .file("part/ground_truth/cut/0_mask.png", Drawn.png(20, 10))
                .file("part/test/<cut>/0.png", Drawn.png())
                .file("part/readme.txt", new byte[] {1})
                .bytes();
        given().contentType("application/zip")
                .body(zip)
                .post(project + "/imports/inspections")
                .then()
                .statusCode(200)
                .body(
                        "format", equalTo("MVTEC"),
                        "root", equalTo("part"),
                        "images", equalTo(4),
                        "masks", equalTo(1),
                        "counts.bySplit.TRAIN.normal", equalTo(3),
                        "counts.bySplit.TEST.abnormal", equalTo(1),
                        "refused", equalTo(1),
                        "refusals[0].name", equalTo("part/test/<cut>/0.png"),
                        "refusals[0].code", equalTo("LABEL_INVALID"),
                        "ignored", equalTo(1),
                        "warnings", empty());
        given().get(project).then().body("images", equalTo(0));
        given().get(project + "/imports").then().body("items", empty());
        given().contentType("application/zip")
                .body(new byte[10])
                .post(project + "/imports/inspections")
                .then()
                .statusCode(415)
                .body("code", equalTo("ARCHIVE_UNSUPPORTED"));
    }

    @Test
    void foldersWithinThoseOfLabelsAreProductsOnRequestOnly() {
        String project = anomalyProject();
        byte[] zip = new Zip()
                .images("train/good/cup", 2)
                .images("train/good/cup/monday", 1)
                .file("test/cut/<camera>/0.png", Drawn.png(20, 10))
                .file("ground_truth/cut/0_mask.png", Drawn.png(20, 10))
                .bytes();
        importZip(project, zip)
                .then()
                .body(
                        "state", equalTo("SUCCEEDED"),
                        "products", equalTo(false),
                        "report.added", equalTo(4),
                        "report.refused", equalTo(0),
                        "report.counts.bySplit.TRAIN.normal", equalTo(3),
                        "report.counts.bySplit.TEST.abnormal", equalTo(1));
        given().get(project + "/images?split=TEST")
                .then()
                .body("items[0].product", nullValue(), "items[0].maskSha256", notNullValue());

        byte[] named = new Zip()
                .images("train/good/cup", 2)
                .images("train/good/cup/monday", 1)
                .file("test/cut/plate/0.png", Drawn.png(20, 10))
                .file("test/cut/<camera>/1.png", Drawn.png())
                .file("ground_truth/cut/plate/0_mask.png", Drawn.png(20, 10))
                .bytes();
        String other = anomalyProject();
        String id = importZip(other, named, "products=true")
                .then()
                .body(
                        "products", equalTo(true),
                        "report.added", equalTo(4),
                        "report.refusedByCode.LABEL_INVALID", equalTo(1))
                .extract()
                .path("id");
        given().get(other + "/imports/" + id + "/refusals")
                .then()
                .body("items[0].name", equalTo("test/cut/<camera>/1.png"));
        given().get(other + "/images?split=TRAIN").then().body("items.product", everyItem(equalTo("cup")));
        given().get(other + "/images?split=TEST")
                .then()
                .body("items[0].product", equalTo("plate"), "items[0].maskSha256", notNullValue());

        startImport(classificationProject(), zip, "products=true")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
        startImport(other, zip, "products=true&label=normal")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
    }

    private ObjectLocation archive(String id) {
        return new ObjectLocation(objects.bucket(), "imports/" + id);
    }

    private int contents(String id) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select count(*) from image_import_content where import_id = :id")
                        .bind("id", UUID.fromString(id))
                        .mapTo(Integer.class)
                        .one());
    }
}
