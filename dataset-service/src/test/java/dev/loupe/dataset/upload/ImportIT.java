package dev.loupe.dataset.upload;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.anEmptyMap;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import dev.loupe.dataset.Zip;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ImportIT extends DatasetServiceIT {
    private static final byte[] TEXT = "not a picture".getBytes(StandardCharsets.UTF_8);

    @Test
    void aFolderIsAClass() {
        String project = classificationProject();
        byte[] zip = new Zip()
                .pictures("pets/cat", 3)
                .pictures("pets/dog/young", 2)
                .file("pets/cat/x.jpg", Drawn.jpeg())
                .file("__MACOSX/pets/cat/._0.png", TEXT)
                .file("pets/.DS_Store", TEXT)
                .bytes();
        importZip(project, zip)
                .then()
                .statusCode(200)
                .body(
                        "accepted", equalTo(6),
                        "duplicates", equalTo(0),
                        "rejected", empty(),
                        "labels", equalTo(Map.of("cat", 4, "dog", 2)),
                        "splits", equalTo(Map.of("UNASSIGNED", 6)),
                        "layout", equalTo("CLASS_FOLDERS"));
        given().get(project).then().body("images", equalTo(6), "counts.UNASSIGNED.cat", equalTo(4));
    }

    @Test
    void aGivenTrainAndTestAreKept() {
        String project = classificationProject();
        byte[] zip = new Zip()
                .pictures("train/cat", 4)
                .pictures("Test/cat", 2)
                .pictures("val/dog", 1)
                .pictures("other/dog", 1)
                .file("train/lost.png", Drawn.png())
                .bytes();
        importZip(project, zip)
                .then()
                .body(
                        "splits", equalTo(Map.of("TRAIN", 4, "TEST", 2, "DEV", 1)),
                        "layout", equalTo("TRAIN_TEST"),
                        "rejected.name", equalTo(List.of("other/dog/0.png", "train/lost.png")));
        given().get(project + "/images?split=TEST&label=cat").then().body("items", hasSize(2));
    }

    @Test
    void theLayoutOfMvtecBringsDefectsAndMasks() {
        String project = anomalyProject();
        byte[] zip = new Zip()
                .pictures("screw/train/good", 3)
                .pictures("screw/train/scratch", 1)
                .file("screw/test/scratch/0.png", Drawn.png(20, 10))
                .file("screw/test/scratch/1.png", Drawn.png(20, 10))
                .file("screw/ground_truth/scratch/0_mask.png", Drawn.png(20, 10))
                .file("screw/ground_truth/scratch/1_mask.png", Drawn.png(10, 10))
                .file("screw/ground_truth/scratch/9_mask.png", Drawn.png(20, 10))
                .bytes();
        importZip(project, zip)
                .then()
                .body(
                        "accepted", equalTo(6),
                        "labels", equalTo(Map.of("normal", 3, "abnormal", 3)),
                        "splits", equalTo(Map.of("TRAIN", 3, "TEST", 2, "UNASSIGNED", 1)),
                        "layout", equalTo("MVTEC"),
                        "rejected.name",
                                equalTo(List.of(
                                        "screw/ground_truth/scratch/1_mask.png",
                                        "screw/ground_truth/scratch/9_mask.png")));
        Response test = given().get(project + "/images?split=TEST");
        List<Map<String, String>> items = test.path("items");
        assertEquals(
                1, items.stream().filter(item -> item.get("maskSha256") != null).count());
        items.forEach(item -> assertEquals("scratch", item.get("defect")));
    }

    @Test
    void oneBadFileNeverLosesTheGoodOnes() {
        String project = classificationProject();
        byte[] picture = Drawn.png();
        byte[] zip = new Zip()
                .file("cat/0.png", Drawn.png())
                .file("../../etc/cron.d/evil.png", Drawn.png())
                .file("/cat/absolute.png", Drawn.png())
                .file("C:/cat/drive.png", Drawn.png())
                .file("cat/link.png", "/etc/passwd".getBytes(StandardCharsets.UTF_8), e -> e.setUnixMode(0120777))
                .file("cat/nul\u0000.png", Drawn.png())
                .file("cat/\u202Egnp.exe", Drawn.png())
                .file("cat/more.zip", new Zip().pictures("a", 1).bytes())
                .file("cat/CASE.png", picture)
                .file("cat/case.png", Drawn.png())
                .file("Cat/1.png", Drawn.png())
                .file("cat/secret.png", Drawn.png())
                .file("cat/readme.txt", TEXT)
                .file("cat/cut.png", Arrays.copyOf(picture, picture.length / 2))
                .file("cat/empty.png", new byte[0])
                .file("cat/large.png", new byte[3 << 20])
                .file("<cat>/1.png", Drawn.png())
                .pictures("dog", 2)
                .bytes();
        Response answer = importZip(project, Zip.encrypted(zip, "cat/secret.png"));
        answer.then().statusCode(200).body("accepted", equalTo(4), "labels", equalTo(Map.of("cat", 2, "dog", 2)));
        Map<String, String> codes = new HashMap<>();
        answer.<List<Map<String, String>>>path("rejected").forEach(r -> codes.put(r.get("name"), r.get("code")));
        Map<String, String> expected = new HashMap<>(Map.of(
                "cat/readme.txt", "IMAGE_UNSUPPORTED",
                "cat/cut.png", "IMAGE_DAMAGED",
                "cat/empty.png", "IMAGE_DAMAGED",
                "cat/large.png", "IMAGE_TOO_LARGE",
                "<cat>/1.png", "LABEL_INVALID"));
        for (String hostile : List.of(
                "../../etc/cron.d/evil.png",
                "/cat/absolute.png",
                "C:/cat/drive.png",
                "cat/link.png",
                "cat/nul\\u0000.png",
                "cat/\\u202Egnp.exe",
                "cat/more.zip",
                "cat/case.png",
                "Cat/1.png",
                "cat/secret.png")) {
            expected.put(hostile, "ARCHIVE_ENTRY_REFUSED");
        }
        assertEquals(expected, codes);
    }

    @Test
    void whatIsNoArchiveIsRefusedWholeAndNothingOfItIsKept() {
        String project = classificationProject();
        importZip(project, TEXT).then().statusCode(422).body("code", equalTo("ARCHIVE_DAMAGED"));
        byte[] zip = new Zip().pictures("cat", 2).bytes();
        importZip(project, Arrays.copyOf(zip, zip.length - 30))
                .then()
                .statusCode(422)
                .body("code", equalTo("ARCHIVE_DAMAGED"));
        importZip(project, new byte[41 << 20]).then().statusCode(413).body("code", equalTo("ARCHIVE_TOO_LARGE"));
        given().contentType("application/x-tar")
                .body(zip)
                .post(project + "/imports")
                .then()
                .statusCode(415);
        importZip("/api/v1/projects/nobody", zip).then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
        importZip(project, new Zip().bytes()).then().statusCode(200).body("accepted", equalTo(0));
        given().get(project).then().body("images", equalTo(0), "counts", anEmptyMap());
    }

    @Test
    void theSameArchiveAgainBringsOnlyDuplicates() {
        String project = classificationProject();
        byte[] zip = new Zip().pictures("cat", 3).bytes();
        importZip(project, zip).then().body("accepted", equalTo(3));
        importZip(project, zip).then().body("accepted", equalTo(0), "duplicates", equalTo(3));
        given().get(project).then().body("images", equalTo(3));
    }

    @Test
    void aRepeatedImportGetsTheFirstAnswerAndAKeyIsForOneArchive() {
        String project = classificationProject();
        String key = UUID.randomUUID().toString();
        byte[] zip = new Zip().pictures("cat", 3).bytes();
        for (int i = 0; i < 2; i++) {
            given().header("Idempotency-Key", key)
                    .contentType("application/zip")
                    .body(zip)
                    .post(project + "/imports")
                    .then()
                    .statusCode(200)
                    .body("accepted", equalTo(3));
        }
        given().header("Idempotency-Key", key)
                .contentType("application/zip")
                .body(new Zip().pictures("dog", 1).bytes())
                .post(project + "/imports")
                .then()
                .statusCode(422)
                .body("code", equalTo("IDEMPOTENCY_KEY_REUSED"));
    }

    @Test
    void aFormOfManyFilesIsTakenFileByFile() {
        String project = anomalyProject();
        byte[] twice = Drawn.png();
        given().multiPart("file", "a.png", Drawn.png(), "image/png")
                .multiPart("file", "b.png", twice, "image/png")
                .multiPart("another", "c.png", twice, "image/png")
                .multiPart("file", "notes.png", TEXT, "image/png")
                .post(project + "/images?label=normal&split=TRAIN")
                .then()
                .statusCode(200)
                .body(
                        "accepted", equalTo(2),
                        "duplicates", equalTo(1),
                        "layout", equalTo("FILES"),
                        "labels", equalTo(Map.of("normal", 3)),
                        "rejected[0].name", equalTo("notes.png"),
                        "rejected[0].code", equalTo("IMAGE_UNSUPPORTED"));
        given().multiPart("text", "no file")
                .post(project + "/images")
                .then()
                .statusCode(400)
                .body("detail", containsString("no file"));
    }

    @Test
    void realArchivesArriveWhole() throws IOException {
        Path data = Path.of(Optional.ofNullable(System.getenv("LOUPE_SHARED")).orElse("../../shared"), "data");
        assumeTrue(Files.isDirectory(data), "skipped: no real images in " + data + " (set LOUPE_SHARED)");
        String cells = anomalyProject();
        importZip(cells, Files.readAllBytes(data.resolve("elpv-mono.zip")))
                .then()
                .body(
                        "accepted", equalTo(901),
                        "rejected", empty(),
                        "labels", equalTo(Map.of("normal", 588, "abnormal", 313)));
        freeze(cells)
                .then()
                .body(
                        "counts.TRAIN", equalTo(Map.of("normal", 371)),
                        "counts.DEV", equalTo(Map.of("normal", 41)),
                        "counts.TEST", equalTo(Map.of("normal", 176, "abnormal", 313)));

        String nuts = anomalyProject();
        importZip(nuts, Files.readAllBytes(data.resolve("hazelnut-toy.zip")))
                .then()
                .body("accepted", equalTo(51), "rejected", empty(), "layout", equalTo("MVTEC"));
        List<Map<String, String>> test =
                given().get(nuts + "/images?split=TEST&label=abnormal").path("items");
        assertEquals(
                17, test.stream().filter(item -> item.get("maskSha256") != null).count());
    }
}
