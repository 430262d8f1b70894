package dev.loupe.dataset.version;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import dev.loupe.dataset.Zip;
import dev.loupe.storage.Sha256;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@QuarkusTest
class VersionChangesIT extends DatasetServiceIT {
    /** Adds an image of each split with this label; returns their digests in the order TRAIN, DEV, TEST. */
    private static List<String> addToEachSplit(String project, String label) {
        return Stream.of("TRAIN", "DEV", "TEST")
                .map(split -> add(project, "label=" + label + "&split=" + split))
                .toList();
    }

    private static String add(String project, String query) {
        byte[] image = Drawn.png();
        upload(project, image, query).then().statusCode(201);
        return Sha256.of(image);
    }

    private static void change(String project, String image, String change) {
        given().contentType(ContentType.JSON)
                .body(change)
                .patch(project + "/images/" + image)
                .then()
                .statusCode(200);
    }

    @Test
    void changesAreTheImagesThatDiffer() {
        String project = classificationProject();
        List<String> cats = addToEachSplit(project, "cat");
        List<String> dogs = addToEachSplit(project, "dog");
        String deleted = add(project, "label=cat&split=TRAIN");
        String unlabelled = add(project, "split=TRAIN");
        freeze(project).then().statusCode(201);

        change(project, cats.get(2), "{\"label\": \"dog\"}");
        change(project, dogs.get(2), "{\"label\": \"cat\", \"split\": \"DEV\"}");
        given().delete(project + "/images/" + deleted).then().statusCode(204);
        change(project, unlabelled, "{\"label\": \"dog\"}");
        freeze(project).then().statusCode(201);

        String address = project + "/versions/2/changes?from=1";
        given().get(address)
                .then()
                .statusCode(200)
                .body("from", equalTo(1), "to", equalTo(2), "sameTestImages", equalTo(false))
                .body(
                        "counts",
                        equalTo(Map.of(
                                "ADDED", 1,
                                "REMOVED", 1,
                                "RELABELLED", 2,
                                "MOVED", 1,
                                "DEFECT_CHANGED", 0,
                                "MASK_CHANGED", 0,
                                "PRODUCT_CHANGED", 0)))
                .body("unchanged", equalTo(4), "total", equalTo(4), "nextCursor", nullValue())
                .body(item(dogs.get(2), "kinds"), equalTo(List.of("RELABELLED", "MOVED")))
                .body(item(dogs.get(2), "before"), equalTo(Map.of("label", "dog", "split", "TEST")))
                .body(item(dogs.get(2), "after"), equalTo(Map.of("label", "cat", "split", "DEV")))
                .body(item(dogs.get(2), "inProject"), equalTo(true))
                .body(item(deleted, "after"), nullValue())
                .body(item(deleted, "inProject"), equalTo(false))
                .body(item(unlabelled, "before"), nullValue());

        given().get(project + "/images/" + deleted + "/thumbnail").then().statusCode(200);
        given().get(classificationProject() + "/images/" + deleted + "/thumbnail")
                .then()
                .statusCode(404);
        given().get(address + "&kind=MOVED&kind=REMOVED")
                .then()
                .body("total", equalTo(2), "unchanged", equalTo(4), "counts.RELABELLED", equalTo(2))
                .body(
                        "items.sha256",
                        equalTo(Stream.of(dogs.get(2), deleted).sorted().toList()));
        given().get(project + "/versions/1/changes?from=2")
                .then()
                .body("counts.ADDED", equalTo(1), item(deleted, "kinds"), contains("ADDED"));
        given().get(project + "/versions/1/changes?from=1")
                .then()
                .body("items", empty(), "unchanged", equalTo(7), "sameTestImages", equalTo(true));
        assertEquals(
                Stream.of(cats.get(2), dogs.get(2), deleted, unlabelled)
                        .sorted()
                        .toList(),
                pages(address + "&limit=1"));
    }

    private static String item(String sha256, String field) {
        return "items.find { it.sha256 == '" + sha256 + "' }." + field;
    }

    private static List<String> pages(String address) {
        List<String> found = new ArrayList<>();
        String next = address;
        while (next != null) {
            Response page = given().get(next);
            page.then().statusCode(200).body("items.size()", equalTo(1));
            found.add(page.path("items[0].sha256"));
            String cursor = page.path("nextCursor");
            next = cursor == null ? null : address + "&cursor=" + cursor;
        }
        return found;
    }

    @Test
    void kindOfDefectAndMaskAreComparedWhereTheLabelIsTheSame() {
        String project = anomalyProject();
        byte[] defect = Drawn.png();
        byte[] masked = Drawn.png();
        byte[] normal = Drawn.png();
        byte[] mask = Drawn.png();
        importZip(
                        project,
                        new Zip()
                                .images("train/good", 4)
                                .file("test/good/1.png", normal)
                                .file("test/scratch/1.png", defect)
                                .file("test/scratch/2.png", masked)
                                .bytes())
                .then()
                .body("report.added", equalTo(7));
        freeze(project).then().statusCode(201);

        change(project, Sha256.of(defect), "{\"defect\": \"dent\"}");
        change(project, Sha256.of(normal), "{\"label\": \"abnormal\", \"defect\": \"dent\"}");
        importZip(
                        project,
                        new Zip()
                                .images("train/good", 1)
                                .file("test/scratch/2.png", masked)
                                .file("ground_truth/scratch/2_mask.png", mask)
                                .bytes())
                .then()
                .body("report.added", equalTo(1));
        freeze(project).then().statusCode(201);

        given().get(project + "/versions/2/changes?from=1&limit=1000")
                .then()
                .body(
                        "counts.ADDED",
                        equalTo(1),
                        "counts.DEFECT_CHANGED",
                        equalTo(1),
                        "counts.MASK_CHANGED",
                        equalTo(1))
                .body(item(Sha256.of(defect), "kinds"), contains("DEFECT_CHANGED"))
                .body(item(Sha256.of(defect), "before.defect"), equalTo("scratch"))
                .body(item(Sha256.of(defect), "after.defect"), equalTo("dent"))
                .body(item(Sha256.of(normal), "kinds"), contains("RELABELLED"))
                .body(item(Sha256.of(masked), "kinds"), contains("MASK_CHANGED"))
                .body(item(Sha256.of(masked), "after.maskSha256"), equalTo(Sha256.of(mask)));
    }

    @Test
    void rejectsUnknownVersionsAndKinds() {
        String project = classificationProject();
        addToEachSplit(project, "cat");
        addToEachSplit(project, "dog");
        freeze(project).then().statusCode(201);
        String address = project + "/versions/1/changes";
        Map<String, Integer> refused = Map.of(
                address,
                400,
                address + "?from=1&kind=RENAMED",
                400,
                address + "?from=1&cursor=%25",
                400,
                address + "?from=2",
                404,
                project + "/versions/2/changes?from=1",
                404,
                "/api/v1/projects/unknown/versions/1/changes?from=1",
                404);
        refused.forEach(
                (path, status) -> given().get(path).then().statusCode(status).body("code", not(equalTo("INTERNAL"))));
        given().get(address + "?from=2").then().body("code", equalTo("DATASET_VERSION_NOT_FOUND"));
        given().get(address).then().body("code", equalTo("INVALID_REQUEST"));
    }
}
