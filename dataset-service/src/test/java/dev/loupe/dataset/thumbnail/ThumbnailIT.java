package dev.loupe.dataset.thumbnail;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import dev.loupe.dataset.Zip;
import dev.loupe.dataset.image.StoredObjects;
import dev.loupe.imaging.DecoderMemory;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ThumbnailIT extends DatasetServiceIT {
    @Inject
    StoredObjects objects;

    @Inject
    ObjectStore store;

    @Inject
    Jdbi jdbi;

    private static String add(byte[] image) {
        String project = classificationProject();
        upload(project, image, "").then().statusCode(201);
        return project + "/images/" + Sha256.of(image);
    }

    @Test
    void thumbnailIsASmallJpegThatBrowsersMayKeep() throws IOException {
        byte[] image = Drawn.png(700, 350);
        String address = add(image) + "/thumbnail";

        Response first = given().get(address);
        first.then()
                .statusCode(200)
                .contentType("image/jpeg")
                .header("ETag", matchesPattern("\"[0-9a-f]{64}\""))
                .header("Cache-Control", equalTo("private, max-age=31536000, immutable"))
                .header("X-Content-Type-Options", equalTo("nosniff"));
        BufferedImage small = ImageIO.read(new ByteArrayInputStream(first.asByteArray()));
        assertEquals(256, small.getWidth());
        assertEquals(128, small.getHeight());

        assertArrayEquals(first.asByteArray(), given().get(address).asByteArray());
        given().header("If-None-Match", first.header("ETag"))
                .get(address)
                .then()
                .statusCode(304)
                .header("ETag", equalTo(first.header("ETag")));
        given().header("If-None-Match", "\"other\"").get(address).then().statusCode(200);
    }

    @Test
    void augmentationSheetHasTheImageThenChangedCopies() throws IOException {
        String project = classificationProject();
        given().get(project + "/augmentation").then().statusCode(404).body("code", equalTo("IMAGE_NOT_FOUND"));
        upload(project, Drawn.png(300, 200), "").then().statusCode(201);
        upload(project, Drawn.png(301, 200), "").then().statusCode(201);

        BufferedImage same = sheet(project + "/augmentation");
        BufferedImage turned = sheet(project + "/augmentation?rotation=90&seed=3");

        assertEquals(6 * 132 - 4, same.getWidth());
        assertEquals(2 * 132 - 4, same.getHeight());
        assertArrayEquals(cell(same, 0), cell(same, 5));
        assertArrayEquals(cell(same, 0), cell(turned, 0));
        assertFalse(Arrays.equals(cell(turned, 0), cell(turned, 1)));
        assertFalse(Arrays.equals(cell(turned, 1), cell(turned, 2)));
        assertArrayEquals(cell(turned, 4), cell(sheet(project + "/augmentation?rotation=90&seed=3"), 4));
        given().get(project + "/augmentation?rotation=181")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"), "detail", containsString("from 0 to 180"));
    }

    @Test
    void augmentationSheetMixesTheCopiesOfEachColumn() throws IOException {
        String project = classificationProject();
        upload(project, filled(Color.BLACK), "").then().statusCode(201);
        upload(project, filled(Color.WHITE), "").then().statusCode(201);

        BufferedImage mixed = sheet(project + "/augmentation?mixup=1");
        int[] levels = Arrays.stream(cell(mixed, 1))
                .map(pixel -> new Color(pixel).getRed())
                .distinct()
                .toArray();
        assertEquals(1, levels.length);
        assertTrue(levels[0] > 10 && levels[0] < 245, "level " + levels[0]);

        BufferedImage cut = sheet(project + "/augmentation?cutmix=1&seed=2");
        assertEquals(2, Arrays.stream(cell(cut, 1)).distinct().count());
        assertArrayEquals(cell(sheet(project + "/augmentation"), 0), cell(cut, 0));
        given().get(project + "/augmentation?cutmix=1.5")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"), "detail", containsString("cutmix must be from 0 to 1"));
    }

    private static byte[] filled(Color colour) throws IOException {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setColor(colour);
        pen.fillRect(0, 0, 64, 64);
        pen.dispose();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    private static BufferedImage sheet(String address) throws IOException {
        Response response = given().get(address);
        response.then().statusCode(200).contentType("image/png");
        return ImageIO.read(new ByteArrayInputStream(response.asByteArray()));
    }

    private static int[] cell(BufferedImage sheet, int column) {
        return sheet.getRGB(column * 132, 0, 128, 128, null, 0, 128);
    }

    @Test
    void thumbnailIsCreatedOnceForEachSize() {
        byte[] image = Drawn.png(700, 350);
        String address = add(image) + "/thumbnail";
        for (int size : StoredObjects.THUMBNAIL_SIZES) {
            byte[] created = given().get(address + "?size=" + size).asByteArray();
            assertArrayEquals(created, store.read(objects.thumbnail(Sha256.of(image), size)));
            byte[] marker = {(byte) size};
            store.put(objects.thumbnail(Sha256.of(image), size), marker, "image/jpeg");
            assertArrayEquals(marker, given().get(address + "?size=" + size).asByteArray());
        }
    }

    @Test
    void concurrentFirstRequestsGetTheSameThumbnail() {
        String address = add(Drawn.png(800, 600)) + "/thumbnail?size=512";
        try (var requests = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Response>> answers = Stream.generate(
                            () -> CompletableFuture.supplyAsync(() -> given().get(address), requests))
                    .limit(20)
                    .toList();
            answers.forEach(answer -> answer.join().then().statusCode(200));
            assertEquals(
                    1,
                    answers.stream()
                            .map(answer -> Sha256.of(answer.join().asByteArray()))
                            .distinct()
                            .count());
        }
    }

    @Test
    void rejectsOtherSizesAndUnknownImages() {
        String image = add(Drawn.png());
        for (String size : List.of("64", "257", "0", "-1", "99999")) {
            given().get(image + "/thumbnail?size=" + size)
                    .then()
                    .statusCode(400)
                    .body("code", equalTo("INVALID_REQUEST"));
        }
        given().get(classificationProject() + "/images/" + "0".repeat(64) + "/thumbnail")
                .then()
                .statusCode(404)
                .body("code", equalTo("IMAGE_NOT_FOUND"));
    }

    @Test
    void rejectsAnImageThatNeedsMoreMemoryThanThereIs() {
        String image = add(Drawn.png(700, 500));
        long before = DecoderMemory.limit();
        DecoderMemory.limit(1 << 20, Duration.ZERO);
        try {
            given().get(image + "/thumbnail").then().statusCode(413).body("code", equalTo("IMAGE_TOO_LARGE"));
        } finally {
            DecoderMemory.limit(before, Duration.ofSeconds(15));
        }
        given().get(image + "/thumbnail").then().statusCode(200);
    }

    @Test
    void thumbnailsAreDeletedWithTheObjectOfTheImage() {
        byte[] image = Drawn.png(700, 350);
        String address = add(image);
        given().get(address + "/thumbnail").then().statusCode(200);
        assertTrue(store.find(objects.thumbnail(Sha256.of(image), 256)).isPresent());

        given().delete(address).then().statusCode(204);
        given().get(address + "/thumbnail").then().statusCode(404);
        jdbi.useHandle(handle -> handle.execute("delete from image_deletion"));
        while (objects.sweep(Duration.ofSeconds(-1)) > 0) {
            // other tests leave orphans too
        }

        assertTrue(store.find(objects.thumbnail(Sha256.of(image), 256)).isEmpty());
        objects.storeThumbnail(Sha256.of(image), 256, image);
        assertTrue(store.find(objects.thumbnail(Sha256.of(image), 256)).isEmpty(), "its object is gone");
    }

    @Test
    void maskIsBlackAndWhiteWhateverItsValuesAre() throws IOException {
        String project = anomalyProject();
        byte[] image = Drawn.png(20, 10);
        BufferedImage drawn = new BufferedImage(20, 10, BufferedImage.TYPE_BYTE_GRAY);
        drawn.getRaster().setSample(3, 2, 0, 1);
        drawn.getRaster().setSample(4, 2, 0, 255);
        ByteArrayOutputStream mask = new ByteArrayOutputStream();
        ImageIO.write(drawn, "png", mask);
        importZip(
                        project,
                        new Zip()
                                .images("train/good", 3)
                                .file("test/scratch/1.png", image)
                                .file("test/scratch/2.png", Drawn.png())
                                .file("ground_truth/scratch/1_mask.png", mask.toByteArray())
                                .bytes())
                .then()
                .body("report.added", equalTo(5));
        String address = project + "/images/" + Sha256.of(image) + "/mask";

        Response shown = given().get(address);
        shown.then()
                .statusCode(200)
                .contentType("image/png")
                .header("ETag", equalTo('"' + Sha256.of(mask.toByteArray()) + '"'))
                .header("Cache-Control", equalTo("private, no-cache"))
                .header("X-Content-Type-Options", equalTo("nosniff"));
        BufferedImage pixels = ImageIO.read(new ByteArrayInputStream(shown.asByteArray()));
        assertEquals(1, pixels.getRaster().getNumBands());
        for (int i = 0; i < 200; i++) {
            int expected = i == 2 * 20 + 3 || i == 2 * 20 + 4 ? 255 : 0;
            assertEquals(expected, pixels.getRaster().getSample(i % 20, i / 20, 0));
        }
        given().header("If-None-Match", shown.header("ETag"))
                .get(address)
                .then()
                .statusCode(304);

        String other = given().get(project + "/images?text=2.png").path("items.find { it.defect != null }.sha256");
        given().get(project + "/images/" + other + "/mask")
                .then()
                .statusCode(404)
                .body("code", equalTo("MASK_NOT_FOUND"));
        given().get(project + "/images/" + "0".repeat(64) + "/mask")
                .then()
                .statusCode(404)
                .body("code", equalTo("IMAGE_NOT_FOUND"));
        given().contentType("application/json")
                .body("{\"label\": \"normal\"}")
                .patch(project + "/images/" + Sha256.of(image));
        given().get(address).then().statusCode(404).body("code", equalTo("MASK_NOT_FOUND"));
    }
}
