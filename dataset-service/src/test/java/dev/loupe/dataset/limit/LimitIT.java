package dev.loupe.dataset.limit;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.dataset.DatasetServiceIT;
import dev.loupe.dataset.Drawn;
import dev.loupe.events.v1.RequestLimitChanged;
import dev.loupe.storage.Sha256;
import dev.loupe.testing.TopicReader;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

@QuarkusTest
class LimitIT extends DatasetServiceIT {
    private static String project() {
        String id = given().contentType(ContentType.JSON)
                .body(Map.of("name", "p-" + UUID.randomUUID(), "task", "CLASSIFICATION"))
                .post("/api/v1/projects")
                .then()
                .statusCode(201)
                .extract()
                .path("id");
        return "/api/v1/projects/" + id;
    }

    private static Response set(String thing, Map<String, ?> limits) {
        return given().contentType(ContentType.JSON).body(limits).put(thing + "/limits");
    }

    private static Response upload(String project, byte[] image) {
        return given().contentType("image/png").body(image).post(project + "/images");
    }

    @Test
    void aProjectTakesNoMoreImagesThanItsLimit() {
        String project = project();
        byte[] first = Drawn.png();
        set(project, Map.of("maxImages", 2)).then().statusCode(200).body("maxImages", equalTo(2), "images", equalTo(0));
        upload(project, first).then().statusCode(201);
        upload(project, Drawn.png()).then().statusCode(201);

        upload(project, Drawn.png())
                .then()
                .statusCode(409)
                .body("code", equalTo("PROJECT_FULL"), "detail", containsString("at most 2 images, got 3"));
        upload(project, first).then().statusCode(200); // it has this one

        String image = project + "/images/" + Sha256.of(first);
        given().delete(image).then().statusCode(204);
        upload(project, Drawn.png()).then().statusCode(201);
        given().post(image + "/restore").then().statusCode(409).body("code", equalTo("PROJECT_FULL"));
        given().get(project + "/limits").then().statusCode(200).body("maxImages", equalTo(2), "images", equalTo(2));

        set(project, Map.of()).then().statusCode(200).body("maxImages", nullValue());
        given().post(image + "/restore").then().statusCode(200);
    }

    @Test
    void theBytesOfImagesAreLimited() {
        String project = project();
        byte[] first = Drawn.png();
        set(project, Map.of("maxBytes", first.length)).then().statusCode(200);
        upload(project, first).then().statusCode(201);

        upload(project, Drawn.png()).then().statusCode(409).body("code", equalTo("PROJECT_FULL"));

        given().get(project + "/limits").then().body("bytes", equalTo(first.length), "images", equalTo(1));
    }

    @Test
    void uploadsAtTheSameTimeDoNotExceedALimit() {
        String project = project();
        set(project, Map.of("maxImages", 3)).then().statusCode(200);

        List<Integer> statuses = Stream.generate(Drawn::png)
                .limit(10)
                .map(image -> CompletableFuture.supplyAsync(
                        () -> upload(project, image).statusCode()))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .sorted()
                .toList();

        assertEquals(List.of(201, 201, 201, 409, 409, 409, 409, 409, 409, 409), statuses);
        given().get(project + "/limits").then().body("images", equalTo(3));
    }

    @Test
    void requestsToAProjectAreLimited() {
        String project = project();
        String other = project();
        set(project, Map.of("requestsPerSecond", 0.001)).then().statusCode(200);
        given().get(project).then().statusCode(200);

        Response refused = given().get(project);

        refused.then().statusCode(429).body("code", equalTo("RATE_LIMITED"), "retryable", equalTo(true));
        int wait = Integer.parseInt(refused.header("Retry-After"));
        assertTrue(wait > 900 && wait <= 1000, "" + wait);
        given().get(other).then().statusCode(200);
        Map<String, Double> none = new HashMap<>();
        none.put("requestsPerSecond", null);
        set(project, none).then().statusCode(200).body("requestsPerSecond", nullValue());
        given().get(project).then().statusCode(200);
    }

    @Test
    void refusesLimitsThatMeanNothing() {
        String project = project();
        for (Map<String, ?> wrong : List.of(
                Map.of("maxImages", -1),
                Map.of("maxBytes", -1),
                Map.of("requestsPerSecond", 0),
                Map.of("requestsPerSecond", 1e9))) {
            set(project, wrong).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        }
        set("/api/v1/projects/none", Map.of()).then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
        set("/api/v1/tokens/none", Map.of()).then().statusCode(404).body("code", equalTo("TOKEN_NOT_FOUND"));
    }

    @Test
    void aLimitIsAuditedAndAnnounced() throws Exception {
        String project = project();
        String id = project.substring("/api/v1/projects/".length());
        set(project, Map.of("requestsPerSecond", 20)).then().statusCode(200);
        set(project, Map.of("maxImages", 5)).then().statusCode(200);

        given().get("/api/v1/audit/dataset-service?action=limits.&project=" + id)
                .then()
                .body(
                        "items.before.requestsPerSecond", contains(equalTo(20.0f), nullValue()),
                        "items.after.maxImages", contains(equalTo(5), nullValue()));
        List<ConsumerRecord<String, byte[]>> records = TopicReader.read(
                ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class),
                "loupe.datasets",
                read -> read.stream().filter(one -> isLimit(one, id)).count() == 2);
        List<ConsumerRecord<String, byte[]>> own =
                records.stream().filter(one -> isLimit(one, id)).toList();
        RequestLimitChanged first = RequestLimitChanged.parseFrom(own.get(0).value());
        RequestLimitChanged second = RequestLimitChanged.parseFrom(own.get(1).value());
        assertEquals(List.of(20.0, 0.0), List.of(first.getRequestsPerSecond(), second.getRequestsPerSecond()));
        assertEquals(first.getRevision() + 1, second.getRevision());
        assertEquals("PROJECT", second.getKind());
    }

    private static boolean isLimit(ConsumerRecord<String, byte[]> record, String key) {
        return key.equals(record.key())
                && new String(record.headers().lastHeader("ce_type").value())
                        .equals("dev.loupe.request-limit-changed.v1");
    }
}
