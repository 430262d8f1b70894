package dev.loupe.dataset.upload;

import static io.restassured.RestAssured.given;
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
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Formats of archives, and what an import makes of them. */
@QuarkusTest
class ImportFormatIT extends DatasetServiceIT {
    private static final byte[] TEXT = "not an image".getBytes(StandardCharsets.UTF_8);

    @Inject
    ObjectStore store;

    @Inject
    StoredObjects objects;

    @Test
    void folderIsClass() {
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
                        "report.added", equalTo(6),
                        "report.existing", equalTo(0),
                        "report.refused", equalTo(0),
                        "report.counts.labels", equalTo(Map.of("cat", 4, "dog", 2)),
                        "report.counts.splits", equalTo(Map.of("UNASSIGNED", 6)),
                        "report.counts.bySplit", equalTo(Map.of("UNASSIGNED", Map.of("cat", 4, "dog", 2))),
                        "report.format", equalTo("CLASS_FOLDERS"),
                        "report.root", equalTo("pets"),
                        "report.ignored", equalTo(3),
                        "report.warnings", empty());
        given().get(project).then().body("images", equalTo(6), "counts.UNASSIGNED.cat", equalTo(4));
    }

    @Test
    void keepsSplitFolders() {
        String project = classificationProject();
        byte[] zip = new Zip()
                .images("train/cat", 4)
                .images("Test/cat", 2)
                .images("val/dog", 1)
                .images("other/dog", 1)
                .file("train/lost.png", Drawn.png())
                .bytes();
        Response ended = importZip(project, zip);
        ended.then()
                .body(
                        "report.counts.splits", equalTo(Map.of("TRAIN", 4, "TEST", 2, "DEV", 1)),
                        "report.format", equalTo("TRAIN_TEST"));
        assertEquals(
                Set.of("other/dog/0.png", "train/lost.png"),
                refusals(project, ended).keySet());
        given().get(project + "/images?split=TEST&label=cat").then().body("items", hasSize(2));
    }

    @Test
    void mvtecFormatHasDefectsAndMasks() {
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
        Response ended = importZip(project, zip);
        ended.then()
                .body(
                        "report.added", equalTo(6),
                        "report.counts.labels", equalTo(Map.of("normal", 3, "abnormal", 3)),
                        "report.counts.splits", equalTo(Map.of("TRAIN", 3, "TEST", 2, "UNASSIGNED", 1)),
                        "report.format", equalTo("MVTEC"));
        assertEquals(
                Set.of("screw/ground_truth/scratch/1_mask.png", "screw/ground_truth/scratch/9_mask.png"),
                refusals(project, ended).keySet());
        Response test = given().get(project + "/images?split=TEST");
        List<Map<String, String>> items = test.path("items");
        assertEquals(
                1, items.stream().filter(item -> item.get("maskSha256") != null).count());
        items.forEach(item -> assertEquals("scratch", item.get("defect")));
    }

    @Test
    void ignoresFilesThatAreNotImages() {
        String flowers = classificationProject();
        byte[] zip = new Zip()
                .file("LICENSE.txt", TEXT)
                .file("flowers/LICENSE.txt", TEXT)
                .file("flowers/README", TEXT)
                .images("flowers/rose", 2)
                .images("flowers/tulip", 2)
                .bytes();
        Response ended = importZip(flowers, zip);
        ended.then()
                .body(
                        "report.counts.labels", equalTo(Map.of("rose", 2, "tulip", 2)),
                        "report.root", equalTo("flowers"),
                        "report.refused", equalTo(0),
                        "report.warnings", empty());
        given().get(flowers + "/imports/" + ended.path("id") + "/ignored")
                .then()
                .body("items", equalTo(List.of("LICENSE.txt", "flowers/LICENSE.txt", "flowers/README")));

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
                        "report.format", equalTo("MVTEC"),
                        "report.counts.bySplit",
                                equalTo(Map.of(
                                        "TRAIN", Map.of("normal", 2),
                                        "TEST", Map.of("abnormal", 1))),
                        "report.refused", equalTo(0),
                        "report.ignored", equalTo(2));
    }

    @Test
    void warnsOfProbableMistakes() {
        importZip(classificationProject(), new Zip().images("parts", 3).bytes())
                .then()
                .body("report.warnings.code", equalTo(List.of("ONE_LABEL")));
        importZip(anomalyProject(), new Zip().images("parts", 3).bytes())
                .then()
                .body(
                        "report.counts.labels", equalTo(Map.of("abnormal", 3)),
                        "report.warnings.code", equalTo(List.of("ONE_LABEL")),
                        "report.warnings[0].message", containsString("good, ok or normal"));
        importZip(
                        classificationProject(),
                        new Zip()
                                .images("cat", 2)
                                .images("masks", 2)
                                .images("test", 1)
                                .bytes())
                .then()
                .body("report.warnings.code", equalTo(List.of("MASKS_AS_IMAGES", "SPLIT_AS_LABEL")));
    }

    @Test
    void flatArchiveNeedsLabel() {
        String project = anomalyProject();
        byte[] flat =
                new Zip().file("1.png", Drawn.png()).file("2.png", Drawn.png()).bytes();
        importZip(project, flat)
                .then()
                .body(
                        "report.added", equalTo(2),
                        "report.format", equalTo("FILES"),
                        "report.counts.bySplit", equalTo(Map.of("UNASSIGNED", Map.of("UNLABELLED", 2))),
                        "report.warnings.code", equalTo(List.of("UNLABELLED")),
                        "report.warnings[0].message", containsString("train/good/"));
        importZip(project, flat, "label=normal")
                .then()
                .body(
                        "report.added", equalTo(0),
                        "report.changed", equalTo(2),
                        "report.counts.labels", equalTo(Map.of("normal", 2)),
                        "report.warnings", empty());
        importZip(project, flat, "label=scratch").then().statusCode(422).body("code", equalTo("LABEL_INVALID"));
        importZip(project, new Zip().images("a", 1).images("b", 1).bytes(), "label=normal")
                .then()
                .body("state", equalTo("FAILED"), "reason.code", equalTo("LABEL_INVALID"));
    }

    @Test
    void combinesSeveralMasksOfOneImage() throws IOException {
        String project = anomalyProject();
        byte[] zip = new Zip()
                .images("train/good", 1)
                .file("test/logical/000.png", Drawn.png(8, 4))
                .file("test/logical/001.png", Drawn.png(8, 4))
                .file("ground_truth/logical/000/000.png", mask(8, 4, 0))
                .file("ground_truth/logical/000/001.png", mask(8, 4, 5))
                .file("ground_truth/logical/001/000.png", mask(8, 4, 7))
                .bytes();
        importZip(project, zip).then().body("report.refused", equalTo(0), "report.added", equalTo(3));
        List<Map<String, String>> items =
                given().get(project + "/images?split=TEST").path("items");
        Map<String, String> masks = new HashMap<>();
        items.forEach(item -> masks.put(item.get("name"), item.get("maskSha256")));
        assertEquals(Sha256.of(mask(8, 4, 7)), masks.get("test/logical/001.png"));
        BufferedImage union = ImageIO.read(new ByteArrayInputStream(store.read(
                new ObjectLocation(objects.bucket(), StoredObjects.key(masks.get("test/logical/000.png"))))));
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
    void importsRealArchives() throws IOException {
        Path data = Path.of(Optional.ofNullable(System.getenv("LOUPE_SHARED")).orElse("../../shared"), "data");
        assumeTrue(Files.isDirectory(data), "skipped: no real images in " + data + " (set LOUPE_SHARED)");
        String cells = anomalyProject();
        importZip(cells, Files.readAllBytes(data.resolve("elpv-mono.zip")))
                .then()
                .body(
                        "report.added", equalTo(901),
                        "report.refused", equalTo(0),
                        "report.counts.labels", equalTo(Map.of("normal", 588, "abnormal", 313)));
        freeze(cells)
                .then()
                .body(
                        "counts.TRAIN", equalTo(Map.of("normal", 371)),
                        "counts.DEV", equalTo(Map.of("normal", 41)),
                        "counts.TEST", equalTo(Map.of("normal", 176, "abnormal", 313)));

        String nuts = anomalyProject();
        importZip(nuts, Files.readAllBytes(data.resolve("hazelnut-toy.zip")))
                .then()
                .body("report.added", equalTo(51), "report.refused", equalTo(0), "report.format", equalTo("MVTEC"));
        List<Map<String, String>> test =
                given().get(nuts + "/images?split=TEST&label=abnormal").path("items");
        assertEquals(
                17, test.stream().filter(item -> item.get("maskSha256") != null).count());
    }
}
