package dev.loupe.dataset.image;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ImageSearchIT extends DatasetServiceIT {
    private static Map<String, Object> add(String project, byte[] image, String query) {
        return upload(project, image, query).then().statusCode(201).extract().path("$");
    }

    /** Seven images, some of which have the same name. */
    private static List<Map<String, Object>> someImages(String project) {
        List<Map<String, Object>> images = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            images.add(add(project, Drawn.png(10 + 10 * i, 20), "name=part-" + i / 3 + ".png"));
        }
        return images;
    }

    private static <T extends Comparable<T>> List<String> sorted(
            List<Map<String, Object>> images, Function<Map<String, Object>, T> key, boolean descending) {
        Comparator<Map<String, Object>> order =
                Comparator.comparing(key).thenComparing(image -> (String) image.get("sha256"));
        return images.stream()
                .sorted(descending ? order.reversed() : order)
                .map(image -> (String) image.get("sha256"))
                .toList();
    }

    private static List<String> allPages(String project, String sort) {
        List<String> seen = new ArrayList<>();
        String cursor = null;
        do {
            RequestSpecification request = given().queryParam("sort", sort).queryParam("limit", 2);
            Response page = (cursor == null ? request : request.queryParam("cursor", cursor)).get(project + "/images");
            page.then().statusCode(200).body("total", equalTo(7));
            seen.addAll(page.path("items.sha256"));
            cursor = page.path("nextCursor");
        } while (cursor != null && seen.size() < 20);
        return seen;
    }

    @Test
    void eachOrderIsTotalAndItsPagesShowEachImageOnce() {
        String project = classificationProject();
        List<Map<String, Object>> images = someImages(project);
        Map<String, Function<Map<String, Object>, String>> keys = Map.of(
                "digest", image -> (String) image.get("sha256"),
                "name", image -> (String) image.get("name"),
                "time", image -> "%030d".formatted(micros(image)),
                "size", image -> "%030d".formatted((Integer) image.get("size")));
        keys.forEach((sort, key) -> {
            assertEquals(sorted(images, key, false), allPages(project, sort), sort);
            if (!sort.equals("digest")) {
                assertEquals(sorted(images, key, true), allPages(project, "-" + sort), "-" + sort);
            }
        });
    }

    private static long micros(Map<String, Object> image) {
        Instant at = Instant.parse((String) image.get("createdAt"));
        return at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000;
    }

    @Test
    void offsetStartsAtAPosition() {
        String project = classificationProject();
        List<Map<String, Object>> images = someImages(project);
        List<String> byName = sorted(images, image -> (String) image.get("name"), false);
        given().get(project + "/images?sort=name&offset=3&limit=2")
                .then()
                .body("items.sha256", equalTo(byName.subList(3, 5)), "total", equalTo(7));
        String cursor =
                given().get(project + "/images?sort=name&offset=3&limit=2").path("nextCursor");
        given().get(project + "/images?sort=name&limit=2&cursor=" + cursor)
                .then()
                .body("items.sha256", equalTo(byName.subList(5, 7)));
        given().get(project + "/images?offset=7").then().body("items", empty(), "total", equalTo(7));
        given().get(project + "/images?sort=name&offset=1&cursor=" + cursor)
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
        given().get(project + "/images?sort=size&cursor=" + cursor)
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_CURSOR"));
        given().get(project + "/images?offset=-1").then().statusCode(400);
        given().get(project + "/images?sort=colour").then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
    }

    @Test
    void conditionsSelectImagesThatMatchAllOfThem() {
        String project = classificationProject();
        String cat = (String) add(project, Drawn.png(30, 20), "label=cat&split=TRAIN&name=A-1.png")
                .get("sha256");
        String dog =
                (String) add(project, Drawn.jpeg(), "label=dog&name=a-2.jpg").get("sha256");
        Map<String, Object> large = add(project, Drawn.png(90, 60), "name=b-3.png");
        String none = (String) large.get("sha256");

        assertFound(project, "label=cat", cat);
        assertFound(project, "label=cat&label=dog", cat, dog);
        assertFound(project, "unlabelled=true", none);
        assertFound(project, "label=dog&unlabelled=true", dog, none);
        assertFound(project, "split=TRAIN", cat);
        assertFound(project, "split=UNASSIGNED", dog, none);
        assertFound(project, "split=UNASSIGNED&split=TRAIN&format=PNG", cat, none);
        assertFound(project, "format=JPEG", dog);
        assertFound(project, "text=a-", cat, dog);
        assertFound(project, "text=" + none.substring(0, 12).toUpperCase(Locale.ROOT), none);
        assertFound(project, "minWidth=25&maxWidth=30", cat);
        assertFound(project, "minHeight=21", none);
        assertFound(project, "maxHeight=16", dog);
        assertFound(project, "minSize=" + large.get("size"), none);
        assertFound(project, "maxSize=" + ((Integer) large.get("size") - 1), cat, dog);
        assertFound(project, "addedFrom=" + large.get("createdAt"), none);
        assertFound(project, "addedBefore=" + large.get("createdAt"), cat, dog);
        assertFound(project, "label=cat&split=TEST");
    }

    private static void assertFound(String project, String query, String... digests) {
        Response found = given().get(project + "/images?" + query);
        found.then().statusCode(200).body("total", equalTo(digests.length));
        assertEquals(new HashSet<>(List.of(digests)), new HashSet<>(found.<List<String>>path("items.sha256")), query);
    }

    @Test
    void rejectsInvalidConditions() {
        String project = classificationProject();
        for (String query : List.of(
                "format=GIF",
                "minSize=-1",
                "minWidth=5&maxWidth=4",
                "addedFrom=yesterday",
                "text=" + "x".repeat(256),
                String.join("&", Collections.nCopies(101, "label=x")))) {
            for (String path : List.of("/images?", "/images/facets?")) {
                given().get(project + path + query).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
            }
        }
        given().get(project + "/images?split=ALL").then().statusCode(422).body("code", equalTo("SPLIT_INVALID"));
        given().get("/api/v1/projects/nowhere/images/facets").then().statusCode(404);
    }

    @Test
    void contradictingUploadsAreFound() {
        String project = classificationProject();
        byte[] image = Drawn.png();
        String digest = (String) add(project, image, "label=cat").get("sha256");
        add(project, Drawn.png(), "label=cat");
        assertFound(project, "conflict=true");
        upload(project, image, "label=dog").then().statusCode(200);
        assertFound(project, "conflict=true", digest);
    }

    @Test
    void facetsCountWhatAnotherChoiceWouldSelect() {
        String project = anomalyProject();
        add(project, Drawn.png(), "label=normal&split=TRAIN");
        add(project, Drawn.png(), "label=normal");
        add(project, Drawn.jpeg(), "label=normal&split=TEST");
        String dented = project + "/images/"
                + add(project, Drawn.png(), "label=abnormal&split=TEST").get("sha256");
        given().contentType("application/json").body("{\"defect\": \"dent\"}").patch(dented);
        add(project, Drawn.jpeg(), "");

        given().get(project + "/images/facets")
                .then()
                .statusCode(200)
                .body(
                        "total", equalTo(5),
                        "unlabelled", equalTo(1),
                        "labels.value", contains("abnormal", "normal"),
                        "labels.images", contains(1, 3),
                        "splits.value", contains("TEST", "TRAIN", "UNASSIGNED"),
                        "splits.images", contains(2, 1, 2),
                        "defects.value", contains("dent"),
                        "formats.value", contains("JPEG", "PNG"),
                        "formats.images", contains(2, 3));
        given().get(project + "/images/facets?label=normal&format=PNG")
                .then()
                .body(
                        "total", equalTo(2),
                        "unlabelled", equalTo(0),
                        "labels.images", contains(1, 2),
                        "splits.value", contains("TRAIN", "UNASSIGNED"),
                        "defects", hasSize(0),
                        "formats.images", contains(1, 2));
    }
}
