package dev.loupe.dataset.upload;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import dev.loupe.dataset.Zip;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@QuarkusTest
class UploadIT extends DatasetServiceIT {
    @Inject
    RequestBodyStore bodies;

    @Inject
    UploadMemory memory;

    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @Test
    void anImageIsItsContent() {
        String project = classificationProject();
        byte[] image = Drawn.png(30, 20);
        Response first = upload(project, image, "label=cat&split=TEST&name=holiday/tom.png");
        String sha256 = Sha256.of(image);
        first.then()
                .statusCode(201)
                .header("Location", endsWith("/images/" + sha256))
                .body(
                        "sha256", equalTo(sha256),
                        "name", equalTo("tom.png"),
                        "format", equalTo("PNG"),
                        "width", equalTo(30),
                        "height", equalTo(20),
                        "size", equalTo(image.length),
                        "label", equalTo("cat"),
                        "split", equalTo("TEST"));
        given().contentType("image/png")
                .body(image)
                .post(project + "/images")
                .then()
                .statusCode(200);
        given().get(project).then().body("images", equalTo(1));

        Response content = given().get(project + "/images/" + sha256 + "/content");
        assertEquals("image/png", content.contentType());
        assertEquals("nosniff", content.header("X-Content-Type-Options"));
        assertArrayEquals(image, content.asByteArray());
    }

    @Test
    void whatWasNotSaidBeforeIsTakenFromTheSecondUploadAndWhatWasSaidStays() {
        String project = classificationProject();
        byte[] image = Drawn.png();
        upload(project, image, "").then().statusCode(201).body("label", nullValue());
        upload(project, image, "label=cat").then().statusCode(200).body("label", equalTo("cat"));
        upload(project, image, "label=dog").then().statusCode(200).body("label", equalTo("cat"));
    }

    @Test
    void whatIsNoImageIsRefusedWithAReason() {
        String project = classificationProject();
        byte[] image = Drawn.jpeg();
        upload(project, "<svg/>".getBytes(StandardCharsets.UTF_8), "name=a.png")
                .then()
                .statusCode(415)
                .body("code", equalTo("IMAGE_UNSUPPORTED"), "detail", containsString("a.png"));
        upload(project, Arrays.copyOf(image, image.length * 2 / 3), "")
                .then()
                .statusCode(422)
                .body("code", equalTo("IMAGE_DAMAGED"));
        upload(project, new byte[0], "").then().statusCode(422).body("code", equalTo("IMAGE_DAMAGED"));
        upload(project, new byte[(2 << 20) + 1], "").then().statusCode(413).body("code", equalTo("IMAGE_TOO_LARGE"));
        given().contentType("text/plain")
                .body("x")
                .post(project + "/images")
                .then()
                .statusCode(415)
                .contentType("application/problem+json");
        given().get(project).then().body("images", equalTo(0));
    }

    @Test
    void labelsAndSplitsThatMeanNothingAreRefused() {
        String project = anomalyProject();
        upload(project, Drawn.png(), "label=scratch")
                .then()
                .statusCode(422)
                .body("code", equalTo("LABEL_INVALID"), "detail", containsString("one kind of item"));
        upload(project, Drawn.png(), "label=abnormal&split=TRAIN")
                .then()
                .statusCode(422)
                .body("code", equalTo("SPLIT_INVALID"));
        upload(project, Drawn.png(), "split=VALIDATION")
                .then()
                .statusCode(422)
                .body("code", equalTo("SPLIT_INVALID"), "detail", containsString("TRAIN"));
        upload("/api/v1/projects/unknown", Drawn.png(), "")
                .then()
                .statusCode(404)
                .body("code", equalTo("PROJECT_NOT_FOUND"));
    }

    @Test
    void aRepeatedUploadGetsTheFirstAnswer() {
        String project = classificationProject();
        String key = UUID.randomUUID().toString();
        byte[] image = Drawn.png();
        for (int i = 0; i < 2; i++) {
            given().header("Idempotency-Key", key)
                    .contentType("image/png")
                    .body(image)
                    .post(project + "/images?label=cat")
                    .then()
                    .statusCode(201);
        }
        given().header("Idempotency-Key", key)
                .contentType("image/png")
                .body(image)
                .post(project + "/images?label=dog")
                .then()
                .statusCode(422)
                .body("code", equalTo("IDEMPOTENCY_KEY_REUSED"));
    }

    @Test
    void aClientThatGoesAwayLeavesNothing() throws IOException {
        String project = classificationProject();
        try (Socket socket = new Socket("localhost", RestAssured.port)) {
            socket.getOutputStream()
                    .write(("POST " + project + "/images HTTP/1.1\r\nHost: localhost\r\n"
                                    + "Content-Type: image/png\r\nContent-Length: 100000\r\n\r\nbegin")
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            await().atMost(Duration.ofMinutes(2)).until(() -> !leftovers().isEmpty());
        }
        await().atMost(Duration.ofMinutes(2)).until(() -> leftovers().isEmpty());
        given().get(project).then().body("images", equalTo(0));
        upload(project, Drawn.png(), "").then().statusCode(201);
    }

    @Test
    void anArchiveWhoseConnectionClosesAtHalfLeavesNothing() throws IOException {
        String project = classificationProject();
        byte[] archive = new Zip().images("cat", 20).images("dog", 20).bytes();
        List<String> objects = objects();
        try (Socket socket = new Socket("localhost", RestAssured.port)) {
            send(
                    socket,
                    "POST " + project + "/imports HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Type: application/zip\r\nContent-Length: " + archive.length + "\r\n\r\n");
            socket.getOutputStream().write(archive, 0, archive.length / 2);
            socket.getOutputStream().flush();
            await().atMost(Duration.ofMinutes(2)).until(() -> bodies.total() == archive.length / 2);
        }

        await().atMost(Duration.ofMinutes(2)).until(() -> leftovers().isEmpty() && bodies.total() == 0);
        given().get(project + "/imports").then().body("items", empty());
        given().get(project).then().body("images", equalTo(0));
        assertEquals(objects, objects());
        importZip(project, archive).then().body("report.added", equalTo(40));
    }

    private List<String> objects() {
        return store.list(storage.bucket(), "").stream()
                .map(object -> object.location().key())
                .filter(key -> key.startsWith("imports/") || key.startsWith("images/"))
                .toList();
    }

    @Test
    void headersThatTrickleCloseTheConnection() throws IOException {
        try (Socket socket = new Socket("localhost", RestAssured.port)) {
            send(socket, "GET /q/health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
            await().atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(300))
                    .until(() -> isClosedAfter(socket, "a"));
        }
    }

    @Test
    void aBodyThatTricklesIsRefusedAndTheConnectionCloses() throws IOException {
        String project = classificationProject();
        try (Socket socket = new Socket("localhost", RestAssured.port)) {
            send(
                    socket,
                    "POST " + project + "/images HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Type: image/png\r\nContent-Length: 100000\r\n\r\nbegin");
            StringBuilder answer = new StringBuilder();
            await().atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> isClosedAfter(socket, "a", answer));
            assertTrue(answer.toString().startsWith("HTTP/1.1 408"), answer.toString());
            assertTrue(answer.toString().contains("REQUEST_TOO_SLOW"), answer.toString());
        }
        await().atMost(Duration.ofMinutes(2)).until(() -> leftovers().isEmpty() && bodies.total() == 0);
    }

    @Test
    void uploadsThatFillTheFolderAreRefusedUntilOthersEnd() throws IOException {
        String project = classificationProject();
        byte[] archive = new byte[36 << 20];
        try (Socket socket = new Socket("localhost", RestAssured.port)) {
            send(
                    socket,
                    "POST " + project + "/imports HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Type: application/zip\r\nContent-Length: " + (archive.length + 1) + "\r\n\r\n");
            socket.getOutputStream().write(archive);
            socket.getOutputStream().flush();
            await().atMost(Duration.ofMinutes(2)).until(() -> bodies.total() == archive.length);
            importZip(project, archive)
                    .then()
                    .statusCode(507)
                    .body("code", equalTo("STORAGE_FULL"), "retryable", equalTo(true));
            upload(project, Drawn.png(), "").then().statusCode(201);
        }
        await().atMost(Duration.ofMinutes(2)).until(() -> bodies.total() == 0);
        importZip(project, archive).then().statusCode(415);
    }

    @Test
    void uploadsThatFindNoMemoryAreRefusedUntilThereIsSome() {
        String project = classificationProject();
        byte[] image = Drawn.png();
        List<Supplier<Response>> uploads =
                List.of(() -> upload(project, image, "label=cat"), () -> given().multiPart("file", "a.png", image)
                        .post(project + "/images?label=cat"));
        long free = memory.free();
        memory.take(free);
        try {
            uploads.forEach(upload -> upload.get()
                    .then()
                    .statusCode(503)
                    .body("code", equalTo("OVERLOADED"), "retryable", equalTo(true)));
        } finally {
            memory.giveBack(free);
        }
        uploads.forEach(upload -> assertTrue(upload.get().statusCode() < 300));
        assertEquals(free, memory.free());
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.setSoTimeout(20);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private static boolean isClosedAfter(Socket socket, String text) {
        return isClosedAfter(socket, text, new StringBuilder());
    }

    private static boolean isClosedAfter(Socket socket, String text, StringBuilder answer) {
        try {
            for (int c = socket.getInputStream().read();
                    ;
                    c = socket.getInputStream().read()) {
                if (c < 0) {
                    return true;
                }
                answer.append((char) c);
            }
        } catch (SocketTimeoutException _) {
            try {
                send(socket, text);
                return false;
            } catch (IOException e) {
                return answer.isEmpty();
            }
        } catch (IOException _) {
            return true;
        }
    }

    @Test
    void whatAKilledProcessLeftBehindIsSwept() throws IOException {
        Path left = Files.writeString(Files.createDirectories(directory()).resolve("1.upload"), "half an image");
        bodies.sweep(Duration.ofHours(1));
        assertEquals(true, Files.exists(left));
        bodies.sweep(Duration.ofSeconds(-1));
        assertEquals(false, Files.exists(left));
    }

    private static Path directory() {
        return Path.of("target", "uploads");
    }

    private static List<Path> leftovers() throws IOException {
        if (!Files.isDirectory(directory())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory())) {
            return files.toList();
        }
    }
}
