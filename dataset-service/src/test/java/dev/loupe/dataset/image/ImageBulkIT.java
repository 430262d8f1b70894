package dev.loupe.dataset.image;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import dev.loupe.dataset.Zip;
import dev.loupe.storage.Sha256;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ImageBulkIT extends DatasetServiceIT {
    @Inject
    Jdbi jdbi;

    @Inject
    DeletedImages deletedImages;

    private static String add(String project, byte[] image, String query) {
        upload(project, image, query).then().statusCode(201);
        return Sha256.of(image);
    }

    private static Response update(String project, Map<String, ?> body) {
        return given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "ada")
                .body(body)
                .patch(project + "/images");
    }

    private static Response delete(String project, Map<String, ?> body) {
        return given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "bob")
                .body(body)
                .post(project + "/images/deletions");
    }

    @Test
    void filterSelectsTheImagesThatChange() {
        String project = classificationProject();
        for (int i = 0; i < 3; i++) {
            add(project, Drawn.png(), "name=cam-" + i + ".png");
        }
        add(project, Drawn.png(), "label=dog&name=cam-9.png");

        update(project, Map.of("filter", Map.of("unlabelled", true, "text", "cam"), "label", "cat"))
                .then()
                .statusCode(200)
                .body("matched", equalTo(3), "changed", equalTo(3));
        update(project, Map.of("filter", Map.of("label", List.of("cat", "dog")), "split", "TEST"))
                .then()
                .body("matched", equalTo(4), "changed", equalTo(4));
        update(project, Map.of("filter", Map.of("label", List.of("cat", "dog")), "label", "cat"))
                .then()
                .body("matched", equalTo(4), "changed", equalTo(1));
        update(project, Map.of("filter", Map.of("label", List.of("nothing")), "label", "cat"))
                .then()
                .body("matched", equalTo(0), "changed", equalTo(0));
        given().get(project + "/images?label=cat&split=TEST").then().body("total", equalTo(4));
    }

    @Test
    void changeThatOneImageRefusesChangesNone() {
        String project = anomalyProject();
        add(project, Drawn.png(), "label=normal");
        add(project, Drawn.png(), "label=abnormal");
        update(project, Map.of("filter", Map.of(), "split", "TRAIN"))
                .then()
                .statusCode(422)
                .body("code", equalTo("SPLIT_INVALID"));
        given().get(project + "/images?split=TRAIN").then().body("total", equalTo(0));
    }

    @Test
    void rejectsUnclearSelections() {
        String project = classificationProject();
        String image = add(project, Drawn.png(), "");
        for (Map<String, ?> selection : List.<Map<String, ?>>of(
                Map.of(),
                Map.of("images", List.of(image), "filter", Map.of()),
                Map.of("images", List.of()),
                Map.of("filter", Map.of("format", List.of("GIF"))),
                Map.of("filter", Map.of("colour", "red")))) {
            delete(project, selection).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        }
        update(project, Map.of("images", List.of(image))).then().statusCode(400);
        given().get(project).then().body("images", equalTo(1));
    }

    @Test
    void operationOnTenThousandImagesIsOneTransactionAndMoreAreRefused() {
        String project = classificationProject();
        UUID id = UUID.fromString(given().get(project).path("id"));
        String image = add(project, Drawn.png(), "");
        jdbi.useHandle(handle -> {
            handle.execute("""
                    insert into stored_object (sha256, size)
                    select encode(sha256(('bulk' || i)::bytea), 'hex'), 1 from generate_series(1, 10000) i""");
            handle.execute("""
                    insert into image (project_id, sha256, name, size, format, width, height)
                    select ?, encode(sha256(('bulk' || i)::bytea), 'hex'), 'bulk-' || i, 1, 'PNG', 1, 1
                    from generate_series(1, 10000) i""", id);
        });
        update(project, Map.of("filter", Map.of(), "label", "cat"))
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
        Map<String, ?> bulk = Map.of("text", "bulk-");
        update(project, Map.of("filter", bulk, "label", "cat", "split", "TRAIN"))
                .then()
                .statusCode(200)
                .body("changed", equalTo(10_000));
        Response deletion = delete(project, Map.of("filter", bulk));
        deletion.then().statusCode(200).body("deleted", equalTo(10_000));
        given().get(project + "/images").then().body("total", equalTo(1), "items.sha256", contains(image));
        given().post(project + "/images/deletions/" + deletion.path("id") + "/restore")
                .then()
                .statusCode(200)
                .body("restored", equalTo(10_000));
        given().get(project + "/images?label=cat&split=TRAIN").then().body("total", equalTo(10_000));
        given().delete(project + "?confirm=" + project.substring(project.lastIndexOf('/') + 1))
                .then()
                .statusCode(204);
    }

    @Test
    void deletionIsUndoneWithLabelSplitMaskAndConflicts() {
        String project = anomalyProject();
        byte[] content = Drawn.png();
        importZip(
                        project,
                        new Zip()
                                .images("train/good", 2)
                                .file("test/scratch/1.png", content)
                                .file("ground_truth/scratch/1_mask.png", Drawn.png())
                                .bytes())
                .then()
                .statusCode(200);
        upload(project, content, "label=normal").then().statusCode(200);
        String image = project + "/images/" + Sha256.of(content);
        Map<String, ?> before = given().get(image).path("$");

        Response deletion = delete(project, Map.of("filter", Map.of("defect", List.of("scratch"))));
        deletion.then()
                .body("id", notNullValue(), "actor", equalTo("bob"), "deleted", equalTo(1))
                .body("restorableUntil", notNullValue());
        given().get(image).then().statusCode(404);
        given().get(project + "/images/deletions").then().body("items", hasSize(1), "items[0].deleted", equalTo(1));
        String restore = project + "/images/deletions/" + deletion.path("id") + "/restore";
        given().post(restore).then().statusCode(200).body("restored", equalTo(1), "skipped", equalTo(0));

        given().get(image).then().body("$", equalTo(before));
        given().get(project + "/images?conflict=true").then().body("total", equalTo(1));
        given().get(project + "/images/deletions").then().body("items", empty());
        given().post(restore).then().statusCode(404).body("code", equalTo("DELETION_NOT_FOUND"));
        delete(project, Map.of("filter", Map.of("text", "nothing")))
                .then()
                .statusCode(200)
                .body("deleted", equalTo(0), "id", nullValue());
    }

    @Test
    void repeatedDeletionAndRestoreGetTheFirstAnswer() {
        String project = classificationProject();
        add(project, Drawn.png(), "label=cat");
        Map<String, ?> cats = Map.of("filter", Map.of("label", List.of("cat")));
        String key = UUID.randomUUID().toString();
        String deletions = project + "/images/deletions";
        Response first = post(deletions, key, cats);
        String later = add(project, Drawn.png(), "label=cat");

        post(deletions, key, cats).then().statusCode(200).body("id", equalTo(first.path("id")), "deleted", equalTo(1));
        given().get(project + "/images").then().body("items.sha256", contains(later));
        post(deletions, key, Map.of("images", List.of(later)))
                .then()
                .statusCode(422)
                .body("code", equalTo("IDEMPOTENCY_KEY_REUSED"));

        String restore = deletions + "/" + first.path("id") + "/restore";
        for (int i = 0; i < 2; i++) {
            post(restore, key, Map.of()).then().statusCode(200).body("restored", equalTo(1), "skipped", equalTo(0));
        }
        post(restore, UUID.randomUUID().toString(), Map.of())
                .then()
                .statusCode(404)
                .body("code", equalTo("DELETION_NOT_FOUND"));

        given().delete(project + "/images/" + later).then().statusCode(204);
        for (int i = 0; i < 2; i++) {
            post(project + "/images/" + later + "/restore", key, Map.of())
                    .then()
                    .statusCode(200)
                    .body("sha256", equalTo(later));
        }
    }

    private static Response post(String address, String key, Map<String, ?> body) {
        return given().contentType(ContentType.JSON)
                .header("Idempotency-Key", key)
                .body(body)
                .post(address);
    }

    @Test
    void imageThatWasUploadedAgainStaysAsItIs() {
        String project = classificationProject();
        byte[] content = Drawn.png();
        String image = project + "/images/" + add(project, content, "label=cat");
        add(project, Drawn.png(), "label=cat");
        Response deletion = delete(project, Map.of("filter", Map.of()));
        upload(project, content, "label=dog").then().statusCode(201);
        given().post(image + "/restore").then().statusCode(409).body("code", equalTo("IMAGE_EXISTS"));

        given().post(project + "/images/deletions/" + deletion.path("id") + "/restore")
                .then()
                .body("restored", equalTo(1), "skipped", equalTo(1));
        given().get(image).then().body("label", equalTo("dog"));
    }

    @Test
    void oneImageIsRestoredUntilItIsRemovedForGood() {
        String project = classificationProject();
        String image = project + "/images/" + add(project, Drawn.png(), "label=cat&split=TEST");
        given().delete(image).then().statusCode(204);
        given().post(image + "/restore").then().statusCode(200).body("label", equalTo("cat"), "split", equalTo("TEST"));
        given().get(project + "/images/deletions").then().body("items", empty());

        given().delete(image).then().statusCode(204);
        deletedImages.removeExpired(Duration.ofDays(1));
        given().get(project + "/images/deletions").then().body("items", hasSize(1));
        deletedImages.removeExpired(Duration.ofSeconds(-1));
        given().get(project + "/images/deletions").then().body("items", empty());
        given().post(image + "/restore").then().statusCode(404).body("code", equalTo("IMAGE_NOT_FOUND"));
    }

    @Test
    void historySaysWhoChangedWhat() {
        String project = anomalyProject();
        String digest = add(project, Drawn.png(), "label=normal&split=TRAIN");
        String image = project + "/images/" + digest;
        update(project, Map.of("images", List.of(digest), "label", "abnormal", "defect", "dent"));
        update(project, Map.of("images", List.of(digest), "label", "abnormal")); // nothing changes
        delete(project, Map.of("images", List.of(digest)));
        given().header("X-Loupe-Actor", "eve").post(image + "/restore");
        given().contentType(ContentType.JSON).body("{\"label\": \"normal\"}").patch(image);

        Response history = given().get(image + "/history");
        history.then()
                .statusCode(200)
                .body("items.change", contains("CHANGED", "RESTORED", "DELETED", "CHANGED", "ADDED"))
                .body("items.actor", contains("local", "eve", "bob", "ada", "local"))
                .body("items.label", contains("normal", "abnormal", "abnormal", "abnormal", "normal"))
                .body("items.defect", contains(null, "dent", "dent", "dent", null))
                .body("items.split", contains(null, null, null, null, "TRAIN"));
        String cursor = given().get(image + "/history?limit=2").path("nextCursor");
        given().get(image + "/history?limit=2&cursor=" + cursor)
                .then()
                .body("items.change", contains("DELETED", "CHANGED"));
        given().get(project + "/images/" + "0".repeat(64) + "/history").then().statusCode(404);
        given().get(image + "/history?cursor=eA").then().statusCode(400).body("code", equalTo("INVALID_CURSOR"));
    }
}
