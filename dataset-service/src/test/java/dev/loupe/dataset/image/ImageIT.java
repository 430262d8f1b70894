package dev.loupe.dataset.image;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import dev.loupe.dataset.Zip;
import dev.loupe.imaging.DecoderMemory;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ImageIT extends DatasetServiceIT {
    private static final Duration NO_AGE = Duration.ofSeconds(-1);

    @Inject
    ImageIntake intake;

    @Inject
    StoredObjects objects;

    @Inject
    DeletedImages deletedImages;

    @Inject
    ObjectStore store;

    @Inject
    Jdbi jdbi;

    private static Response change(String image, String body) {
        return given().contentType(ContentType.JSON).body(body).patch(image);
    }

    private static String add(String project, byte[] image, String query) {
        upload(project, image, query).then().statusCode(201);
        return project + "/images/" + Sha256.of(image);
    }

    private boolean isStored(byte[] image) {
        return store.find(objects.location(Sha256.of(image))).isPresent();
    }

    @Test
    void anImageGetsAnotherLabelAndSplit() {
        String image = add(classificationProject(), Drawn.png(), "label=cat&split=TRAIN");
        change(image, "{\"label\": \"dog\"}").then().body("label", equalTo("dog"), "split", equalTo("TRAIN"));
        change(image, "{\"split\": \"TEST\"}").then().body("label", equalTo("dog"), "split", equalTo("TEST"));
        change(image, "{\"split\": \"UNASSIGNED\"}").then().body("split", nullValue());
        given().get(image).then().body("label", equalTo("dog"), "split", nullValue());
    }

    @Test
    void whatBecomesAbnormalIsNotLearntFrom() {
        String image = add(anomalyProject(), Drawn.png(), "label=normal&split=TRAIN");
        change(image, "{\"label\": \"abnormal\"}")
                .then()
                .statusCode(200)
                .body("label", equalTo("abnormal"), "split", nullValue());
        change(image, "{\"split\": \"TRAIN\"}").then().statusCode(422).body("code", equalTo("SPLIT_INVALID"));
        change(image, "{\"label\": \"dent\"}").then().statusCode(422).body("code", equalTo("LABEL_INVALID"));
    }

    @Test
    void anImageGetsAProductAndKeepsItWhenItIsRestored() {
        String project = anomalyProject();
        String uploaded = add(project, Drawn.png(), "label=normal&product=plate");
        given().get(uploaded).then().body("product", equalTo("plate"));
        String image = add(project, Drawn.png(), "label=normal");
        change(image, "{\"product\": \"cup\"}").then().statusCode(200).body("product", equalTo("cup"));
        given().get(image + "/history").then().body("items[0].product", equalTo("cup"));
        given().get(project + "/images?product=cup").then().body("items.product", contains("cup"));
        given().get(project + "/images/facets?product=cup")
                .then()
                .body(
                        "total", equalTo(1),
                        "products.value", contains("cup", "plate"),
                        "products.images", contains(1, 1));
        change(image, "{\"split\": \"TEST\"}").then().body("product", equalTo("cup"), "split", equalTo("TEST"));
        given().delete(image).then().statusCode(204);
        given().post(image + "/restore").then().statusCode(200).body("product", equalTo("cup"));
        change(image, "{\"product\": \"\"}").then().body("product", nullValue());
        change(image, "{\"product\": \"a/b\"}").then().statusCode(422).body("code", equalTo("LABEL_INVALID"));

        String other = add(classificationProject(), Drawn.png(), "label=cat");
        change(other, "{\"product\": \"cup\"}")
                .then()
                .statusCode(422)
                .body("detail", containsString("a classification project has no products"));
    }

    @Test
    void aChangeThatCannotBeUnderstoodChangesNothing() {
        String image = add(classificationProject(), Drawn.png(), "label=cat");
        change(image, "{}").then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        change(image, "{\"colour\": \"red\"}").then().statusCode(400).body("detail", containsString("colour"));
        change(image, "{\"label\":").then().statusCode(400);
        change(image, "").then().statusCode(400);
        change(image.substring(0, image.length() - 1) + "-", "{\"label\": \"dog\"}")
                .then()
                .statusCode(404)
                .body("code", equalTo("IMAGE_NOT_FOUND"));
        given().get(image).then().body("label", equalTo("cat"));
    }

    @Test
    void pagesShowEveryImageOnce() {
        String project = classificationProject();
        List<String> added = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            byte[] image = Drawn.png();
            add(project, image, i % 2 == 0 ? "label=cat" : "");
            added.add(Sha256.of(image));
        }
        List<String> seen = new ArrayList<>();
        String next = "";
        do {
            Response page = given().get(project + "/images?limit=3" + next);
            seen.addAll(page.path("items.sha256"));
            next = page.path("nextCursor") == null ? null : "&cursor=" + page.path("nextCursor");
        } while (next != null);
        assertEquals(added.stream().sorted().toList(), seen);
        given().get(project + "/images?label=cat").then().body("items.size()", equalTo(4));
        given().get(project + "/images?cursor=%25").then().statusCode(400).body("code", equalTo("INVALID_CURSOR"));
        given().get(project + "/images?limit=0").then().statusCode(400);
        given().get(project + "/images?split=ALL").then().statusCode(422);
    }

    @Test
    void aFrozenVersionKeepsItsImagesAfterTheyAreDeleted() {
        String project = classificationProject();
        byte[] frozen = Drawn.png();
        String image = add(project, frozen, "label=cat");
        add(project, Drawn.png(), "label=cat");
        add(project, Drawn.png(), "label=dog");
        add(project, Drawn.png(), "label=dog");
        freeze(project).then().statusCode(201);
        byte[] late = Drawn.png();
        String unfrozen = add(project, late, "label=cat");

        given().delete(image).then().statusCode(204);
        given().delete(unfrozen).then().statusCode(204);
        given().delete(image).then().statusCode(404).body("code", equalTo("IMAGE_NOT_FOUND"));
        given().get(image + "/content").then().statusCode(404);
        objects.sweep(NO_AGE);
        assertTrue(isStored(late), "what can be restored stays");
        deletedImages.removeExpired(NO_AGE);
        while (objects.sweep(NO_AGE) > 0) {
            // other tests leave orphans too
        }
        assertTrue(isStored(frozen), "what a version needs stays");
        assertTrue(!isStored(late), "what nothing needs goes");
    }

    @Test
    void anUploadThatWasKilledHalfWayIsSweptAndCanBeRepeated() {
        byte[] image = Drawn.png();
        intake.decodeAndStore(List.of(() -> image)); // the object is written, and then the process dies
        assertTrue(isStored(image));
        objects.sweep(Duration.ofMinutes(10));
        assertTrue(isStored(image), "an upload that may still be running is left alone");
        while (objects.sweep(NO_AGE) > 0) {
            // other tests leave orphans too
        }
        assertTrue(!isStored(image));
        add(classificationProject(), image, "label=cat");
        assertTrue(isStored(image));
    }

    @Test
    void anObjectThatWasLostIsWrittenAgainByTheNextUpload() {
        byte[] image = Drawn.png();
        add(classificationProject(), image, "");
        store.delete(objects.location(Sha256.of(image)));
        add(classificationProject(), image, "");
        assertTrue(isStored(image));
    }

    @Test
    void anObjectThatRottedIsHealedByTheNextUpload() {
        byte[] good = Drawn.png();
        String image = add(classificationProject(), good, "");
        byte[] rotten = good.clone();
        rotten[good.length / 2] ^= 1;
        store.put(objects.location(Sha256.of(good)), rotten, "image/png");
        given().get(image + "/content").then().statusCode(503).body("detail", containsString("damaged"));

        upload(image.substring(0, image.indexOf("/images")), good, "").then().statusCode(200);

        assertArrayEquals(good, given().get(image + "/content").asByteArray());
    }

    @Test
    void anAbnormalImageGetsItsDefectAndMaskBackAfterItWasNormal() {
        String project = anomalyProject();
        byte[] content = Drawn.png();
        byte[] mask = Drawn.png();
        importZip(
                        project,
                        new Zip()
                                .images("train/good", 3)
                                .file("test/scratch/1.png", content)
                                .file("ground_truth/scratch/1_mask.png", mask)
                                .bytes())
                .then()
                .statusCode(200);
        String image = project + "/images/" + Sha256.of(content);
        given().get(image).then().body("defect", equalTo("scratch"), "maskSha256", equalTo(Sha256.of(mask)));

        change(image, "{\"label\": \"normal\"}").then().body("defect", nullValue(), "maskSha256", nullValue());
        given().get(project + "/images?defect=scratch").then().body("items", empty());
        freeze(project).then().statusCode(201);
        given().get(project + "/versions/1/manifest")
                .then()
                .body("images.findAll { it.maskKey != null || it.defect != null }", empty());
        change(image, "{\"label\": \"abnormal\"}")
                .then()
                .body("defect", equalTo("scratch"), "maskSha256", equalTo(Sha256.of(mask)));

        change(image, "{\"defect\": \"dent\"}").then().body("label", equalTo("abnormal"), "defect", equalTo("dent"));
        change(image, "{\"defect\": \"\"}").then().body("defect", nullValue());
        change(image, "{\"label\": \"normal\", \"defect\": \"dent\"}")
                .then()
                .statusCode(422)
                .body("code", equalTo("LABEL_INVALID"));
    }

    @Test
    void manyImagesChangeAtOnceOrNoneDoes() {
        String project = anomalyProject();
        List<String> digests = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            byte[] image = Drawn.png();
            add(project, image, "label=normal&split=TRAIN&name=part-" + i + ".png");
            digests.add(Sha256.of(image));
        }
        Map<String, ?> some = Map.of("images", digests.subList(0, 2), "label", "abnormal", "defect", "dent");
        changeMany(project, some)
                .then()
                .statusCode(200)
                .body(
                        "matched", equalTo(2),
                        "changed", equalTo(2));
        given().get(project + "/images?defect=dent")
                .then()
                .body("items.size()", equalTo(2), "items.split", everyItem(nullValue()));
        changeMany(project, some).then().body("matched", equalTo(2), "changed", equalTo(0));
        given().get(project + "/images?label=normal&split=TRAIN&text=PART-3")
                .then()
                .body("items.sha256", equalTo(List.of(digests.get(3))));
        given().get(project + "/images?text=" + digests.get(1).substring(0, 20))
                .then()
                .body("items.sha256", equalTo(List.of(digests.get(1))));
        given().get(project + "/images?unlabelled=true").then().body("items", empty());

        changeMany(project, Map.of("images", digests, "split", "TRAIN"))
                .then()
                .statusCode(422)
                .body("code", equalTo("SPLIT_INVALID"));
        changeMany(project, Map.of("images", List.of(digests.get(3), "0".repeat(64)), "split", "TEST"))
                .then()
                .statusCode(404);
        changeMany(project, Map.of("images", List.of(), "split", "TEST")).then().statusCode(400);
        changeMany(project, Map.of("images", Collections.nCopies(10_001, digests.get(3)), "split", "TEST"))
                .then()
                .statusCode(400)
                .body("detail", containsString("1 to 10000"));
        given().get(project + "/images?split=TEST").then().body("items", empty());

        given().contentType(ContentType.JSON)
                .body(Map.of("images", List.of(digests.get(0), digests.get(1), "0".repeat(64))))
                .post(project + "/images/deletions")
                .then()
                .statusCode(200)
                .body("deleted", equalTo(2));
        given().get(project).then().body("images", equalTo(2));
    }

    private static Response changeMany(String project, Map<String, ?> changes) {
        return given().contentType(ContentType.JSON).body(changes).patch(project + "/images");
    }

    @Test
    void everyChangeIsAudited() {
        byte[] content = Drawn.png();
        String project = classificationProject();
        String image = add(project, content, "");
        given().header("X-Loupe-Actor", "ada")
                .contentType(ContentType.JSON)
                .body("{\"label\": \"cat\"}")
                .patch(image)
                .then()
                .statusCode(200);
        given().header("X-Loupe-Actor", "bob").delete(image).then().statusCode(204);
        String subject = project.substring("/api/v1/projects/".length()) + "/" + Sha256.of(content);
        List<String> log = jdbi.withHandle(handle -> handle.createQuery(
                        "select actor || ' ' || action from audit where subject = :subject order by id")
                .bind("subject", subject)
                .mapTo(String.class)
                .list());
        assertEquals(List.of("local image.add", "ada image.change", "bob image.delete"), log);
    }

    @Test
    void manyKeyedUploadsAtOnceLeaveConnectionsToOthers() {
        String project = classificationProject();
        List<String> digests = new ArrayList<>();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int i = 0; i < 200; i++) {
                byte[] image = Drawn.png();
                digests.add(Sha256.of(image));
                answers.add(
                        client.sendAsync(keyed(project, UUID.randomUUID().toString(), image), BodyHandlers.ofString()));
                answers.add(client.sendAsync(
                        HttpRequest.newBuilder(address(project)).build(), BodyHandlers.ofString()));
            }
            Map<Integer, Long> statuses = answers.stream()
                    .map(CompletableFuture::join)
                    .collect(Collectors.groupingBy(HttpResponse::statusCode, Collectors.counting()));
            assertEquals(Map.of(201, 200L, 200, 200L), statuses);
        }
        given().get(project).then().body("images", equalTo(200));
        digests.forEach(
                digest -> given().get(project + "/images/" + digest).then().statusCode(200));
    }

    @Test
    void equalKeyedUploadsAtOnceGetOneAnswer() {
        String project = classificationProject();
        byte[] image = Drawn.png();
        String key = UUID.randomUUID().toString();
        try (HttpClient client = HttpClient.newHttpClient()) {
            List<HttpResponse<String>> answers = IntStream.range(0, 20)
                    .mapToObj(_ -> client.sendAsync(keyed(project, key, image), BodyHandlers.ofString()))
                    .toList()
                    .stream()
                    .map(CompletableFuture::join)
                    .toList();
            answers.forEach(answer -> assertEquals(201, answer.statusCode(), answer.body()));
            assertEquals(1, answers.stream().map(HttpResponse::body).distinct().count());
        }
        given().get(project).then().body("images", equalTo(1));
    }

    @Test
    void imageThatNeedsMoreMemoryThanThereIsIsTooLarge() {
        String project = classificationProject();
        byte[] image = Drawn.png(700, 500);
        add(project, Drawn.png(), "label=cat");
        withDecoderMemory(1 << 20, () -> upload(project, image, "label=cat")
                .then()
                .statusCode(413)
                .body("code", equalTo("IMAGE_TOO_LARGE"), "detail", containsString("limit of 1 MiB")));
        add(project, image, "label=cat");
    }

    @Test
    void importThatFindsNoMemoryWaitsAndThenSucceeds() {
        String project = classificationProject();
        add(project, Drawn.png(), "label=cat");
        Zip zip = new Zip();
        for (int i = 0; i < 16; i++) {
            zip.file("cat/" + i + ".png", Drawn.png(700, 500));
        }
        byte[] archive = zip.bytes();
        String[] started = new String[1];
        withDecoderMemory(3 << 20, () -> {
            started[0] = startImport(project, archive, "").header("Location");
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> "OVERLOADED".equals(given().get(started[0]).path("reason.code")));
            given().get(project).then().body("images", equalTo(1));
        });
        awaitImport(started[0]).then().body("state", equalTo("SUCCEEDED"), "report.added", equalTo(16));
        given().get(project).then().body("images", equalTo(17));
    }

    /** Images that find the memory taken do not wait. */
    private static void withDecoderMemory(long bytes, Runnable test) {
        long before = DecoderMemory.limit();
        DecoderMemory.limit(bytes, Duration.ofMillis(0));
        try {
            test.run();
        } finally {
            DecoderMemory.limit(before, Duration.ofSeconds(15));
        }
    }

    private static HttpRequest keyed(String project, String key, byte[] image) {
        return HttpRequest.newBuilder(address(project + "/images?label=cat"))
                .header("Content-Type", "application/octet-stream")
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofByteArray(image))
                .build();
    }

    private static URI address(String path) {
        return URI.create("http://127.0.0.1:" + RestAssured.port + path);
    }
}
