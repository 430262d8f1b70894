package dev.loupe.dataset.upload;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;

import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import dev.loupe.dataset.Zip;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Archives with images that are already stored. */
@QuarkusTest
class ImportConflictIT extends DatasetServiceIT {
    @Test
    void repeatedArchiveAddsNothing() {
        String project = classificationProject();
        byte[] zip = new Zip().images("cat", 3).bytes();
        importZip(project, zip).then().body("report.added", equalTo(3));
        importZip(project, zip)
                .then()
                .body("report.added", equalTo(0), "report.existing", equalTo(3), "report.changed", equalTo(0));
        given().get(project).then().body("images", equalTo(3));
    }

    @Test
    void sameBytesWithTwoLabelsAreConflictUntilRelabelled() {
        String project = classificationProject();
        byte[] image = Drawn.png();
        byte[] zip = new Zip()
                .file("cat/1.png", image)
                .file("dog/1.png", image)
                .images("dog", 1)
                .bytes();
        for (int i = 0; i < 2; i++) {
            Response ended = importZip(project, zip);
            ended.then()
                    .body(
                            "report.added", equalTo(i == 0 ? 2 : 0),
                            "report.changed", equalTo(0),
                            "report.counts.labels", equalTo(Map.of("cat", 1, "dog", 1)),
                            "report.conflicts", equalTo(1),
                            "report.warnings.code", equalTo(List.of("CONFLICTS")));
            given().get(project + "/imports/" + ended.path("id") + "/conflicts")
                    .then()
                    .body(
                            "items[0].name", equalTo("dog/1.png"),
                            "items[0].given.label", equalTo("dog"),
                            "items[0].stored.label", equalTo("cat"));
        }
        byte[] corrected = new Zip().file("train/dog/1.png", image).bytes();
        importZip(project, corrected)
                .then()
                .body(
                        "report.changed",
                        equalTo(1),
                        "report.conflicts",
                        equalTo(1),
                        "report.counts.splits",
                        equalTo(Map.of("TRAIN", 1)));
        importZip(project, corrected, "relabel=true")
                .then()
                .body(
                        "report.changed", equalTo(1),
                        "report.conflicts", equalTo(0),
                        "report.counts.bySplit", equalTo(Map.of("TRAIN", Map.of("dog", 1))));
        importZip(project, corrected, "relabel=true")
                .then()
                .body("report.changed", equalTo(0), "report.existing", equalTo(1));
    }

    @Test
    void relabelSetsDefectAndSplit() {
        String project = anomalyProject();
        byte[] image = Drawn.png();
        importZip(project, new Zip().file("train/good/1.png", image).bytes());
        importZip(project, new Zip().file("scratch/1.png", image).bytes(), "relabel=true")
                .then()
                .body(
                        "report.changed",
                        equalTo(1),
                        "report.counts.bySplit",
                        equalTo(Map.of("UNASSIGNED", Map.of("abnormal", 1))));
        given().get(project + "/images").then().body("items[0].defect", equalTo("scratch"));
    }

    @Test
    void storesManyCopiesOfOneImageOnce() {
        String project = classificationProject();
        byte[] image = Drawn.png();
        Zip zip = new Zip();
        for (int i = 0; i < 5_000; i++) {
            zip.file((i % 2 == 0 ? "cat/" : "dog/") + i + ".png", image);
        }
        importZip(project, zip.bytes())
                .then()
                .statusCode(200)
                .body(
                        "report.added", equalTo(1),
                        "report.existing", equalTo(4_999),
                        "report.counts.labels", equalTo(Map.of("cat", 1)),
                        "report.conflicts", equalTo(2_500));
    }
}
