package dev.loupe.dataset.finding;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Zip;
import dev.loupe.storage.Sha256;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import javax.imageio.ImageIO;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

@QuarkusTest
class FindingIT extends DatasetServiceIT {
    @Inject
    Jdbi jdbi;

    @Inject
    FindingBackfill backfill;

    /** A scene of rectangles; the same number draws the same scene. */
    private static BufferedImage scene(int number) {
        BufferedImage image = new BufferedImage(320, 240, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(number);
        Graphics2D graphics = image.createGraphics();
        for (int i = 0; i < 40; i++) {
            graphics.setColor(new Color(random.nextInt(0x1000000)));
            graphics.fillRect(
                    random.nextInt(280), random.nextInt(200), 20 + random.nextInt(80), 20 + random.nextInt(80));
        }
        graphics.dispose();
        return image;
    }

    private static byte[] encode(BufferedImage image, String format) {
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            ImageIO.write(image, format, out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String add(String project, byte[] image, String query) {
        upload(project, image, query).then().statusCode(201);
        return Sha256.of(image);
    }

    /** Adds a scene and a copy of it in another format; returns their digests. */
    private static List<String> addTwice(String project, int number, String query, String queryOfCopy) {
        return List.of(
                add(project, encode(scene(number), "png"), query),
                add(project, encode(scene(number), "jpeg"), queryOfCopy));
    }

    private static Response duplicates(String project) {
        return given().get(project + "/findings?kind=NEAR_DUPLICATES");
    }

    private static Response decide(String project, String id, String decision, String body) {
        return given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "ada")
                .body(body)
                .post(project + "/findings/" + id + "/" + decision);
    }

    @Test
    void copyInAnotherSplitIsFoundFirst() {
        String project = classificationProject();
        List<String> sameSplit = addTwice(project, 1, "label=cat&split=TRAIN", "label=cat&split=TRAIN");
        List<String> acrossSplits = addTwice(project, 2, "label=cat&split=TRAIN", "label=cat&split=TEST");
        add(project, encode(scene(3), "png"), "label=dog");

        duplicates(project)
                .then()
                .statusCode(200)
                .body(
                        "items.severity", contains("HIGH", "LOW"),
                        "items[0].images.sha256", containsInAnyOrder(acrossSplits.toArray()),
                        "items[0].images.split", containsInAnyOrder("TRAIN", "TEST"),
                        "items[0].imageCount", equalTo(2),
                        "items[0].message", containsString("TEST, TRAIN"),
                        "items[1].images.sha256", containsInAnyOrder(sameSplit.toArray()),
                        "total", equalTo(2),
                        "unmeasured", equalTo(0));
        given().get(project + "/findings")
                .then()
                .body(
                        "counts.find { it.kind == 'NEAR_DUPLICATES' }.open", equalTo(2),
                        "counts.find { it.kind == 'BLUR' }.open", equalTo(0),
                        "items.kind", hasItem("TOO_FEW_IMAGES"));
    }

    @Test
    void dismissalSurvivesTheNextSearchAndCanBeUndone() {
        String project = classificationProject();
        addTwice(project, 4, "label=cat&split=TRAIN", "label=cat&split=TEST");
        String id = duplicates(project).path("items[0].id");
        decide(project, id, "dismiss", "{\"reason\": \"one is mirrored\"}")
                .then()
                .statusCode(200)
                .body(
                        "state", equalTo("DISMISSED"),
                        "decidedBy", equalTo("ada"),
                        "decidedAt", notNullValue(),
                        "reason", equalTo("one is mirrored"),
                        "images", hasSize(2));
        add(project, encode(scene(5), "png"), "label=cat");
        duplicates(project)
                .then()
                .body(
                        "items.id",
                        contains(id),
                        "items[0].state",
                        equalTo("DISMISSED"),
                        "items[0].decidedBy",
                        equalTo("ada"));
        given().get(project + "/findings?state=OPEN").then().body("items.id", not(hasItem(id)));

        decide(project, id, "reopen", "{}")
                .then()
                .body("state", equalTo("OPEN"), "decidedBy", nullValue(), "reason", nullValue());
        decide(project, id, "accept", "").then().body("state", equalTo("ACCEPTED"), "reason", nullValue());
        String subject = project.substring(project.lastIndexOf('/') + 1) + "/" + id;
        List<String> actions = jdbi.withHandle(handle -> handle.createQuery(
                        "select action from audit where subject = :subject and actor = 'ada' order by id")
                .bind("subject", subject)
                .mapTo(String.class)
                .list());
        assertEquals(List.of("finding.dismiss", "finding.reopen", "finding.accept"), actions);
    }

    @Test
    void findingDisappearsWithItsImageAndItsDismissalStays() {
        String project = classificationProject();
        List<String> images = addTwice(project, 6, "label=cat", "label=dog");
        String id = duplicates(project).path("items[0].id");
        decide(project, id, "dismiss", "{}").then().statusCode(200);
        given().delete(project + "/images/" + images.getFirst()).then().statusCode(204);
        duplicates(project).then().body("items", hasSize(0));
        given().get(project + "/findings/" + id).then().statusCode(404).body("code", equalTo("FINDING_NOT_FOUND"));
        decide(project, id, "accept", "{}").then().statusCode(404).body("code", equalTo("FINDING_NOT_FOUND"));
        given().post(project + "/images/" + images.getFirst() + "/restore")
                .then()
                .statusCode(200);
        duplicates(project).then().body("items.id", contains(id), "items.state", contains("DISMISSED"));
    }

    @Test
    void whatIsLeftOfADismissedGroupIsDismissed() {
        String project = classificationProject();
        addTwice(project, 7, "label=cat", "label=cat");
        BufferedImage third = scene(7);
        third.setRGB(160, 120, third.getRGB(160, 120) ^ 0x010101);
        String deleted = add(project, encode(third, "png"), "label=cat");
        String id = duplicates(project).path("items[0].id");
        decide(project, id, "dismiss", "{\"reason\": \"a film\"}").then().body("imageCount", equalTo(3));
        given().delete(project + "/images/" + deleted).then().statusCode(204);
        Response left = duplicates(project);
        left.then()
                .body(
                        "items.state",
                        contains("DISMISSED"),
                        "items.reason",
                        contains("a film"),
                        "items.imageCount",
                        contains(2));
        decide(project, left.path("items[0].id"), "reopen", "{}").then().statusCode(200);
        add(project, encode(scene(8), "png"), "label=cat");
        duplicates(project).then().body("items.state", contains("OPEN"));
    }

    @Test
    void relabellingChangesTheFinding() {
        String project = classificationProject();
        List<String> images = addTwice(project, 9, "label=cat&split=TRAIN", "label=dog&split=TRAIN");
        duplicates(project).then().body("items.severity", contains("HIGH"));
        given().contentType(ContentType.JSON)
                .body(Map.of("label", "cat"))
                .patch(project + "/images/" + images.getLast())
                .then()
                .statusCode(200);
        duplicates(project)
                .then()
                .body("items.severity", contains("LOW"), "items[0].images.label", contains("cat", "cat"));
    }

    @Test
    void freezeWarnsOfOpenFindings() {
        String project = classificationProject();
        importZip(project, new Zip().images("cat", 12).images("dog", 12).bytes());
        addTwice(project, 10, "label=cat&split=TRAIN", "label=dog&split=TEST");
        freeze(project)
                .then()
                .statusCode(201)
                .body(
                        "warnings.find { it.code == 'NEAR_DUPLICATES_ACROSS_SPLITS' }.findings",
                                equalTo("NEAR_DUPLICATES"),
                        "warnings.code", hasItem("NEAR_DUPLICATES_ACROSS_LABELS"),
                        "warnings.find { it.code == 'TOO_FEW_IMAGES' }.findings", equalTo("TOO_FEW_IMAGES"));
        decide(project, duplicates(project).path("items[0].id"), "dismiss", "{}")
                .then()
                .statusCode(200);
        freeze(project)
                .then()
                .body(
                        "warnings.code", not(hasItem("NEAR_DUPLICATES_ACROSS_SPLITS")),
                        "warnings.code", not(hasItem("NEAR_DUPLICATES_ACROSS_LABELS")));
        given().get(project + "/versions/1").then().body("warnings.code", hasItem("NEAR_DUPLICATES_ACROSS_SPLITS"));
    }

    @Test
    void imagesThatWereStoredBeforeAreMeasured() {
        String project = classificationProject();
        List<String> images = addTwice(project, 11, "label=cat", "label=cat");
        jdbi.useHandle(handle -> handle.createUpdate("delete from image_properties where sha256 = any(:digests)")
                .bindArray("digests", String.class, images)
                .execute());
        duplicates(project).then().body("items", hasSize(0), "unmeasured", equalTo(2));
        assertTrue(backfill.measureAll() >= 2);
        duplicates(project).then().body("items", hasSize(1), "unmeasured", equalTo(0));
        assertEquals(0, backfill.measureAll());
    }

    @Test
    void imageThatCannotBeMeasuredIsTriedThreeTimes() {
        String project = classificationProject();
        UUID id = UUID.fromString(given().get(project).path("id"));
        String lost = Sha256.of("lost".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        jdbi.useHandle(handle -> {
            handle.execute("insert into stored_object (sha256, size) values (?, 1)", lost);
            handle.execute(
                    "insert into image (project_id, sha256, name, size, format, width, height) values (?, ?, 'x', 1, 'PNG', 1, 1)",
                    id,
                    lost);
        });
        for (int i = 0; i < 5; i++) {
            backfill.measureAll();
            jdbi.useHandle(handle -> handle.execute(
                    "update image_properties set claimed_until = now() - interval '1 s' where sha256 = ?", lost));
        }
        int attempts = jdbi.withHandle(
                handle -> handle.createQuery("select attempts from image_properties where sha256 = :lost")
                        .bind("lost", lost)
                        .mapTo(Integer.class)
                        .one());
        assertEquals(3, attempts);
        given().get(project + "/findings").then().body("unmeasured", equalTo(1));
    }

    @Test
    void pagesHaveEachFindingOnce() {
        String project = classificationProject();
        for (int i = 20; i < 25; i++) {
            addTwice(project, i, "label=cat", "label=cat");
        }
        Set<String> ids = new HashSet<>();
        String cursor = "";
        for (int pages = 1; pages <= 3; pages++) {
            Response page = given().get(project + "/findings?kind=NEAR_DUPLICATES&limit=2" + cursor);
            page.then().body("total", equalTo(5));
            ids.addAll(page.path("items.id"));
            cursor = "&cursor=" + page.path("nextCursor");
        }
        assertEquals(5, ids.size());
        assertEquals("&cursor=null", cursor);
    }

    @Test
    void rejectsInvalidRequests() {
        String project = classificationProject();
        given().get(project + "/findings?kind=UGLY")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"), "detail", containsString("NEAR_DUPLICATES"));
        given().get(project + "/findings?state=GONE").then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        given().get(project + "/findings?cursor=eHg").then().statusCode(400).body("code", equalTo("INVALID_CURSOR"));
        given().get("/api/v1/projects/none/findings").then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
        decide(project, "0", "dismiss", "{}").then().statusCode(404).body("code", equalTo("FINDING_NOT_FOUND"));
        decide(project, "0", "dismiss", "{\"reason\": \"" + "x".repeat(1001) + "\"}")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"), "detail", containsString("reason"));
    }

    @Test
    void repeatedDecisionIsMadeOnce() {
        String project = classificationProject();
        addTwice(project, 30, "label=cat", "label=cat");
        String id = duplicates(project).path("items[0].id");
        String key = UUID.randomUUID().toString();
        for (int i = 0; i < 2; i++) {
            given().contentType(ContentType.JSON)
                    .header("Idempotency-Key", key)
                    .body("{}")
                    .post(project + "/findings/" + id + "/dismiss")
                    .then()
                    .statusCode(200)
                    .body("state", equalTo("DISMISSED"));
        }
    }
}
