package dev.loupe.dataset.upload;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
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
import dev.loupe.dataset.image.StoredObjects;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class ImportIT extends DatasetServiceIT {
    private static final byte[] TEXT = "not an image".getBytes(StandardCharsets.UTF_8);

    @Inject
    Spools spools;

    @Inject
    ObjectStore store;

    @Test
    void aFolderIsAClass() {
        String project = classificationProject();
        byte[] zip = new Zip()
                .images("pets/cat", 3)
                .images("pets/dog/young", 2)
                .file("pets/cat/x.jpg", Drawn.jpeg())
                .file("__MACOSX/pets/cat/._0.png", TEXT)
                .file("pets/.DS_Store", TEXT)
                .file("pets/@eaDir/cat/0.png", Drawn.png())
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
                        "counts", equalTo(Map.of("UNASSIGNED", Map.of("cat", 4, "dog", 2))),
                        "layout", equalTo("CLASS_FOLDERS"),
                        "root", equalTo("pets"),
                        "ignoredCount", equalTo(3),
                        "warnings", empty());
        given().get(project).then().body("images", equalTo(6), "counts.UNASSIGNED.cat", equalTo(4));
    }

    @Test
    void aGivenTrainAndTestAreKept() {
        String project = classificationProject();
        byte[] zip = new Zip()
                .images("train/cat", 4)
                .images("Test/cat", 2)
                .images("val/dog", 1)
                .images("other/dog", 1)
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
                .images("screw/train/good", 3)
                .images("screw/train/scratch", 1)
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
        byte[] image = Drawn.png();
        byte[] zip = new Zip()
                .file("cat/0.png", Drawn.png())
                .file("../../etc/cron.d/evil.png", Drawn.png())
                .file("/cat/absolute.png", Drawn.png())
                .file("C:/cat/drive.png", Drawn.png())
                .file("cat/link.png", "/etc/passwd".getBytes(StandardCharsets.UTF_8), e -> e.setUnixMode(0120777))
                .file("cat/nul\u0000.png", Drawn.png())
                .file("cat/\u202Egnp.exe", Drawn.png())
                .file("cat/more.zip", new Zip().images("a", 1).bytes())
                .file("cat/CASE.png", image)
                .file("cat/case.png", Drawn.png())
                .file("cat/xz.png", Drawn.png())
                .file("Cat/1.png", Drawn.png())
                .file("cat/secret.png", Drawn.png())
                .file("cat/readme.txt", TEXT)
                .file("cat/drawing.svg", "<svg/>".getBytes(StandardCharsets.UTF_8))
                .file("cat/cut.png", Arrays.copyOf(image, image.length / 2))
                .file("cat/empty.png", new byte[0])
                .file("cat/large.png", new byte[3 << 20])
                .file("<cat>/1.png", Drawn.png())
                .images("dog", 2)
                .bytes();
        Response answer = importZip(project, Zip.method(Zip.encrypted(zip, "cat/secret.png"), "cat/xz.png", 95));
        answer.then().statusCode(200).body("accepted", equalTo(5), "labels", equalTo(Map.of("cat", 3, "dog", 2)));
        Map<String, String> codes = new HashMap<>();
        answer.<List<Map<String, String>>>path("rejected").forEach(r -> codes.put(r.get("name"), r.get("code")));
        Map<String, String> expected = new HashMap<>(Map.of(
                "cat/drawing.svg", "IMAGE_UNSUPPORTED",
                "cat/cut.png", "IMAGE_DAMAGED",
                "cat/empty.png", "IMAGE_DAMAGED",
                "cat/large.png", "IMAGE_TOO_LARGE",
                "Cat/1.png", "LABEL_INVALID",
                "<cat>/1.png", "LABEL_INVALID"));
        for (String hostile : List.of(
                "../../etc/cron.d/evil.png",
                "/cat/absolute.png",
                "C:/cat/drive.png",
                "cat/link.png",
                "cat/nul\\u0000.png",
                "cat/\\u202Egnp.exe",
                "cat/more.zip",
                "cat/xz.png",
                "cat/secret.png")) {
            expected.put(hostile, "ARCHIVE_ENTRY_REFUSED");
        }
        assertEquals(expected, codes);
    }

    @Test
    void whatIsNoArchiveIsRefusedWholeAndNothingOfItIsKept() {
        String project = classificationProject();
        importZip(project, TEXT)
                .then()
                .statusCode(415)
                .body("code", equalTo("ARCHIVE_UNSUPPORTED"), "detail", containsString("a text file"));
        byte[] zip = new Zip().images("cat", 2).bytes();
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
        importZip("/api/v1/projects/unknown", zip).then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
        importZip(project, new Zip().bytes()).then().statusCode(200).body("accepted", equalTo(0));
        given().get(project).then().body("images", equalTo(0), "counts", anEmptyMap());
    }

    @Test
    void theSameArchiveAgainBringsOnlyDuplicates() {
        String project = classificationProject();
        byte[] zip = new Zip().images("cat", 3).bytes();
        importZip(project, zip).then().body("accepted", equalTo(3));
        importZip(project, zip).then().body("accepted", equalTo(0), "duplicates", equalTo(3), "changed", equalTo(0));
        given().get(project).then().body("images", equalTo(3));
    }

    @Test
    void aRepeatedImportGetsTheFirstAnswerAndAKeyIsForOneArchive() {
        String project = classificationProject();
        String key = UUID.randomUUID().toString();
        byte[] zip = new Zip().images("cat", 3).bytes();
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
                .body(new Zip().images("dog", 1).bytes())
                .post(project + "/imports")
                .then()
                .statusCode(422)
                .body("code", equalTo("IDEMPOTENCY_KEY_REUSED"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/zip",
                "application/x-zip-compressed",
                "application/octet-stream",
                "application/x-zip"
            })
    void aZipFileIsTakenAsWhateverItIsCalled(String mediaType) {
        given().contentType(mediaType)
                .body(new Zip().images("cat", 1).bytes())
                .post(classificationProject() + "/imports")
                .then()
                .statusCode(200)
                .body("accepted", equalTo(1));
    }

    @Test
    void filesThatAreNoImagesChangeNothing() {
        String flowers = classificationProject();
        byte[] zip = new Zip()
                .file("LICENSE.txt", TEXT)
                .file("flowers/LICENSE.txt", TEXT)
                .file("flowers/README", TEXT)
                .images("flowers/rose", 2)
                .images("flowers/tulip", 2)
                .bytes();
        importZip(flowers, zip)
                .then()
                .body(
                        "labels", equalTo(Map.of("rose", 2, "tulip", 2)),
                        "root", equalTo("flowers"),
                        "rejected", empty(),
                        "ignored", equalTo(List.of("LICENSE.txt", "flowers/LICENSE.txt", "flowers/README")),
                        "warnings", empty());

        String bottle = anomalyProject();
        byte[] mvtec = new Zip()
                .file("bottle/license.txt", TEXT)
                .file("bottle/readme.txt", TEXT)
                .images("bottle/train/good", 2)
                .file("bottle/test/cut/0.png", Drawn.png(20, 10))
                .file("bottle/ground_truth/cut/0_mask.png", Drawn.png(20, 10))
                .bytes();
        importZip(bottle, mvtec)
                .then()
                .body(
                        "layout", equalTo("MVTEC"),
                        "counts",
                                equalTo(Map.of(
                                        "TRAIN", Map.of("normal", 2),
                                        "TEST", Map.of("abnormal", 1))),
                        "rejected", empty(),
                        "ignoredCount", equalTo(2));
    }

    @Test
    void whatMayNotBeMeantIsWarnedOf() {
        importZip(classificationProject(), new Zip().images("parts", 3).bytes())
                .then()
                .body("warnings.code", equalTo(List.of("ONE_LABEL")));
        importZip(anomalyProject(), new Zip().images("parts", 3).bytes())
                .then()
                .body(
                        "labels", equalTo(Map.of("abnormal", 3)),
                        "warnings.code", equalTo(List.of("ONE_LABEL")),
                        "warnings[0].message", containsString("good, ok or normal"));
        importZip(
                        classificationProject(),
                        new Zip()
                                .images("cat", 2)
                                .images("masks", 2)
                                .images("test", 1)
                                .bytes())
                .then()
                .body("warnings.code", equalTo(List.of("MASKS_AS_IMAGES", "SPLIT_AS_LABEL")));
    }

    @Test
    void aFlatArchiveSaysWhichLayoutsThereAreOrTakesALabel() {
        String project = anomalyProject();
        byte[] flat =
                new Zip().file("1.png", Drawn.png()).file("2.png", Drawn.png()).bytes();
        importZip(project, flat)
                .then()
                .body(
                        "accepted", equalTo(2),
                        "layout", equalTo("FILES"),
                        "counts", equalTo(Map.of("UNASSIGNED", Map.of("UNLABELLED", 2))),
                        "warnings.code", equalTo(List.of("UNLABELLED")),
                        "warnings[0].message", containsString("train/good/"));
        importZip(project, flat, "label=normal")
                .then()
                .body(
                        "accepted", equalTo(0),
                        "changed", equalTo(2),
                        "labels", equalTo(Map.of("normal", 2)),
                        "warnings", empty());
        importZip(project, flat, "label=scratch").then().statusCode(422).body("code", equalTo("LABEL_INVALID"));
        importZip(project, new Zip().images("a", 1).images("b", 1).bytes(), "label=normal")
                .then()
                .statusCode(422)
                .body("code", equalTo("LABEL_INVALID"));
    }

    @Test
    void theSameBytesUnderTwoLabelsAreAConflictAndRelabelSettlesIt() {
        String project = classificationProject();
        byte[] image = Drawn.png();
        byte[] zip = new Zip()
                .file("cat/1.png", image)
                .file("dog/1.png", image)
                .images("dog", 1)
                .bytes();
        for (int i = 0; i < 2; i++) {
            importZip(project, zip)
                    .then()
                    .body(
                            "accepted", equalTo(i == 0 ? 2 : 0),
                            "changed", equalTo(0),
                            "labels", equalTo(Map.of("cat", 1, "dog", 1)),
                            "conflictCount", equalTo(1),
                            "conflicts[0].name", equalTo("dog/1.png"),
                            "conflicts[0].given.label", equalTo("dog"),
                            "conflicts[0].stored.label", equalTo("cat"),
                            "warnings.code", equalTo(List.of("CONFLICTS")));
        }
        byte[] corrected = new Zip().file("train/dog/1.png", image).bytes();
        importZip(project, corrected)
                .then()
                .body("changed", equalTo(1), "conflictCount", equalTo(1), "splits", equalTo(Map.of("TRAIN", 1)));
        importZip(project, corrected, "relabel=true")
                .then()
                .body(
                        "changed", equalTo(1),
                        "conflictCount", equalTo(0),
                        "counts", equalTo(Map.of("TRAIN", Map.of("dog", 1))));
        importZip(project, corrected, "relabel=true").then().body("changed", equalTo(0), "duplicates", equalTo(1));
    }

    @Test
    void relabellingSetsDefectAndSplit() {
        String project = anomalyProject();
        byte[] image = Drawn.png();
        importZip(project, new Zip().file("train/good/1.png", image).bytes());
        importZip(project, new Zip().file("scratch/1.png", image).bytes(), "relabel=true")
                .then()
                .body("changed", equalTo(1), "counts", equalTo(Map.of("UNASSIGNED", Map.of("abnormal", 1))));
        given().get(project + "/images").then().body("items[0].defect", equalTo("scratch"));
    }

    @Test
    void severalMasksOfOneImageAreTheirUnion() throws IOException {
        String project = anomalyProject();
        byte[] zip = new Zip()
                .images("train/good", 1)
                .file("test/logical/000.png", Drawn.png(8, 4))
                .file("test/logical/001.png", Drawn.png(8, 4))
                .file("ground_truth/logical/000/000.png", mask(8, 4, 0))
                .file("ground_truth/logical/000/001.png", mask(8, 4, 5))
                .file("ground_truth/logical/001/000.png", mask(8, 4, 7))
                .bytes();
        importZip(project, zip).then().body("rejected", empty(), "accepted", equalTo(3));
        List<Map<String, String>> items =
                given().get(project + "/images?split=TEST").path("items");
        Map<String, String> masks = new HashMap<>();
        items.forEach(item -> masks.put(item.get("name"), item.get("maskSha256")));
        assertEquals(Sha256.of(mask(8, 4, 7)), masks.get("test/logical/001.png"));
        BufferedImage union = ImageIO.read(new ByteArrayInputStream(
                store.read(new ObjectLocation("loupe", StoredObjects.key(masks.get("test/logical/000.png"))))));
        for (int x = 0; x < 8; x++) {
            assertEquals(x == 0 || x == 5 ? 255 : 0, union.getRaster().getSample(x, 2, 0), "x = " + x);
        }
    }

    /** Black, with one column that has a low value as masks of classes have. */
    private static byte[] mask(int width, int height, int column) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < height; y++) {
            image.getRaster().setSample(column, y, 0, 7);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    @Test
    void namesThatAreTheSameAfterDecodingAreToldApart() {
        String project = classificationProject();
        importZip(
                        project,
                        Zip.encoded("IBM850")
                                .file("Größe/Prüfung-ä.png", Drawn.png())
                                .file("Größe/Prüfung-ö.png", Drawn.png())
                                .file("Größe/a.png", Drawn.png())
                                .file("Größe/a.png", Drawn.png())
                                .file("Höhe/Prüfung-ü.png", Drawn.png())
                                .bytes())
                .then()
                .body("accepted", equalTo(5), "labels", equalTo(Map.of("Größe", 4, "Höhe", 1)), "rejected", empty());
        List<String> names = given().get(project + "/images").path("items.name");
        assertEquals(
                Set.of(
                        "Größe/Prüfung-ä.png",
                        "Größe/Prüfung-ö.png",
                        "Größe/a.png",
                        "Größe/a (2).png",
                        "Höhe/Prüfung-ü.png"),
                Set.copyOf(names));
    }

    @Test
    void aReportOfManyRefusedFilesIsCappedAndCountsAll() {
        Zip zip = new Zip().images("cat", 1);
        for (int i = 0; i < 3_000; i++) {
            zip.file("../" + i + ".png", new byte[0]);
            zip.file("cat/" + i + ".txt", new byte[0]);
        }
        importZip(classificationProject(), zip.bytes())
                .then()
                .body(
                        "accepted", equalTo(1),
                        "rejected", hasSize(1_000),
                        "rejectedCounts", equalTo(Map.of("ARCHIVE_ENTRY_REFUSED", 3_000)),
                        "ignored", hasSize(1_000),
                        "ignoredCount", equalTo(3_000));
    }

    @Test
    void manyCopiesOfOneImageAreDecodedAndStoredOnce() {
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
                        "accepted", equalTo(1),
                        "duplicates", equalTo(4_999),
                        "labels", equalTo(Map.of("cat", 1)),
                        "conflictCount", equalTo(2_500),
                        "conflicts", hasSize(1_000));
    }

    @Test
    void anImportEndsWhenItsClientHasGone() throws IOException {
        String project = classificationProject();
        Zip zip = new Zip();
        for (int i = 0; i < 400; i++) {
            zip.file("cat/" + i + ".png", Drawn.png(200, 150));
        }
        byte[] body = zip.bytes();
        try (Socket socket = new Socket("localhost", RestAssured.port)) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST " + project + "/imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/zip\r\n"
                            + "Content-Length: " + body.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(body);
            out.flush();
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> spools.total() == 0);
        given().get(project).then().body("images", equalTo(0));
        importZip(project, new Zip().images("cat", 1).bytes()).then().body("accepted", equalTo(1));
    }

    @Test
    void importsThatWaitHoldNoConnection() throws Exception {
        String project = classificationProject();
        byte[] zip = new Zip().images("cat", 20).bytes();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> imports = IntStream.range(0, 24)
                    .mapToObj(i -> clients.submit(() -> given().header("Idempotency-Key", "wait-" + i)
                            .contentType("application/zip")
                            .body(zip)
                            .post(project + "/imports")
                            .statusCode()))
                    .toList();
            given().get(project).then().statusCode(200);
            for (Future<Integer> one : imports) {
                assertEquals(200, one.get());
            }
        }
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
                        "labels", equalTo(Map.of("normal", 2)),
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
