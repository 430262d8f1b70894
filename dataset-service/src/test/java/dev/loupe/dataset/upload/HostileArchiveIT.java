package dev.loupe.dataset.upload;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.anEmptyMap;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import dev.loupe.dataset.Zip;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Archives that are damaged, hostile or unusual. */
@QuarkusTest
class HostileArchiveIT extends DatasetServiceIT {
    private static final byte[] TEXT = "not an image".getBytes(StandardCharsets.UTF_8);

    @Test
    void badFileDoesNotAffectOthers() {
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
        answer.then()
                .statusCode(200)
                .body("report.added", equalTo(5), "report.counts.labels", equalTo(Map.of("cat", 3, "dog", 2)));
        Map<String, String> codes = refusals(project, answer);
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
    void refusesWhatIsNotAnArchive() {
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
        importZip(project, new Zip().bytes()).then().statusCode(200).body("report.added", equalTo(0));
        given().get(project).then().body("images", equalTo(0), "counts", anEmptyMap());
    }

    @Test
    void distinguishesNamesThatAreEqualAfterDecoding() {
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
                .body(
                        "report.added",
                        equalTo(5),
                        "report.counts.labels",
                        equalTo(Map.of("Größe", 4, "Höhe", 1)),
                        "report.refused",
                        equalTo(0));
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
    void listsAllRefusedFilesInPages() {
        Zip zip = new Zip().images("cat", 1);
        for (int i = 0; i < 3_000; i++) {
            zip.file("../" + i + ".png", new byte[0]);
            zip.file("cat/" + i + ".txt", new byte[0]);
        }
        String project = classificationProject();
        Response ended = importZip(project, zip.bytes());
        ended.then()
                .body(
                        "report.added", equalTo(1),
                        "report.refused", equalTo(3_000),
                        "report.refusedByCode", equalTo(Map.of("ARCHIVE_ENTRY_REFUSED", 3_000)),
                        "report.ignored", equalTo(3_000));
        Set<String> names = new HashSet<>();
        String cursor = "";
        int pages = 0;
        do {
            Response page = given().queryParam("limit", 1_000)
                    .queryParam("cursor", cursor)
                    .get(project + "/imports/" + ended.path("id") + "/refusals");
            names.addAll(page.<List<String>>path("items.name"));
            cursor = page.path("nextCursor");
            pages++;
        } while (cursor != null);
        assertEquals(3, pages);
        assertEquals(3_000, names.size());
    }
}
