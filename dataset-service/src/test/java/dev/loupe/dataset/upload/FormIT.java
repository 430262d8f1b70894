package dev.loupe.dataset.upload;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Forms with many images. */
@QuarkusTest
class FormIT extends DatasetServiceIT {
    private static final byte[] TEXT = "not an image".getBytes(StandardCharsets.UTF_8);

    @Test
    void importsFilesOfForm() {
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
                        "report.added", equalTo(2),
                        "report.existing", equalTo(1),
                        "report.format", equalTo("FILES"),
                        "report.counts.labels", equalTo(Map.of("normal", 2)),
                        "refusals[0].name", equalTo("notes.png"),
                        "refusals[0].code", equalTo("IMAGE_UNSUPPORTED"));
        given().multiPart("text", "no file")
                .post(project + "/images")
                .then()
                .statusCode(400)
                .body("detail", containsString("no file"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "multipart/form-data; boundary= | --x\\r\\n | boundary",
                "multipart/form-data | --x\\r\\n | boundary",
                "multipart/form-data; boundary=x | '' | no file",
                "multipart/form-data; boundary=x | --x-- | no file",
                "multipart/form-data; boundary=x | --x\\r\\nContent-Disposition: form-data; name=\"a\"\\r\\n\\r\\nb\\r\\n--x--\\r\\n | no file",
                "multipart/form-data; boundary=x | --x\\r\\n\\r\\nb\\r\\n--x--\\r\\n | damaged",
                "multipart/form-data; boundary=x | --x\\r\\nContent-Disposition: form-data; filename=\"a.png\"\\r\\n\\r\\nb | cut off",
                "multipart/form-data; boundary=x | --x\\r\\nContent-Disp | cut off",
            })
    void refusesInvalidForm(String contentType, String body, String reason) throws Exception {
        HttpResponse<String> answer = form(classificationProject(), contentType, body.replace("\\r\\n", "\r\n"));
        assertEquals(400, answer.statusCode(), answer.body());
        assertEquals(
                "application/problem+json",
                answer.headers().firstValue("Content-Type").orElse("").split(";")[0]);
        assertTrue(answer.body().contains(reason), answer.body());
    }

    @Test
    void readsFileNamesAsClientsWriteThem() throws Exception {
        String project = classificationProject();
        String image = new String(Drawn.png(), StandardCharsets.ISO_8859_1);
        String parts = Stream.of("filename=\"Größe.png\"", "filename*=UTF-8''Gr%C3%B6%C3%9Fe-2.png", "filename=\"\"")
                .map(name -> "--x\r\nContent-Disposition: form-data; name=\"file\"; "
                        + new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)
                        + "\r\nContent-Type: image/png\r\n\r\n" + (name.endsWith("\"\"") ? "" : image) + "\r\n")
                .collect(Collectors.joining("", "", "--x--\r\n"));
        HttpResponse<String> answer = form(project, "multipart/form-data; boundary=\"x\"", parts);
        assertEquals(200, answer.statusCode(), answer.body());
        assertTrue(answer.body().contains("\"added\":1") && answer.body().contains("\"existing\":1"), answer.body());
        given().get(project + "/images").then().body("items[0].name", equalTo("Größe.png"));
    }

    private static HttpResponse<String> form(String project, String contentType, String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + project + "/images"))
                            .header("Content-Type", contentType)
                            .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.ISO_8859_1))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
