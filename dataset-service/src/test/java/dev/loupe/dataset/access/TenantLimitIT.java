package dev.loupe.dataset.access;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.dataset.Drawn;
import dev.loupe.events.v1.TenantLimitChanged;
import dev.loupe.storage.Sha256;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "dataset"))
@TestProfile(TokenMode.class)
class TenantLimitIT {
    private final String acme = "acme-" + UUID.randomUUID().toString().substring(0, 8);
    private final String birch = "birch-" + UUID.randomUUID().toString().substring(0, 8);
    private String ofAcme;
    private String ofBirch;

    @BeforeEach
    void administrators() {
        ofAcme = token(acme, "ADMIN");
        ofBirch = token(birch, "ADMIN");
    }

    private static RequestSpecification with(String token) {
        return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON);
    }

    private static RequestSpecification operator() {
        return with(TokenMode.ADMINISTRATOR);
    }

    private static String token(String tenant, String role) {
        return operator()
                .body(Map.of("name", "t-" + UUID.randomUUID(), "role", role, "tenant", tenant))
                .post("/api/v1/tokens")
                .then()
                .statusCode(201)
                .extract()
                .path("token");
    }

    private static String project(String token, String name) {
        String id = with(token)
                .body(Map.of("name", name, "task", "CLASSIFICATION"))
                .post("/api/v1/projects")
                .then()
                .statusCode(201)
                .extract()
                .path("id");
        return "/api/v1/projects/" + id;
    }

    private static Response upload(String token, String project, byte[] image) {
        return given().header("Authorization", "Bearer " + token)
                .contentType("image/png")
                .body(image)
                .post(project + "/images");
    }

    private static String limits(String tenant) {
        return "/api/v1/tenants/" + tenant + "/limits";
    }

    private static Response set(String tenant, Map<String, ?> changed) {
        return operator().body(changed).put(limits(tenant));
    }

    @Test
    void theCallersOfATenantTogetherAreLimitedWhileThoseOfAnotherGoOn() {
        String camera = token(acme, "VIEWER");
        set(acme, Map.of("requestsPerSecond", 0.001))
                .then()
                .statusCode(200)
                .body("requestsPerSecond", equalTo(0.001f), "maxImages", nullValue());
        with(ofAcme).get("/api/v1/projects").then().statusCode(200);

        for (String token : List.of(camera, ofAcme)) {
            Response refused = with(token).get("/api/v1/projects");

            refused.then()
                    .statusCode(429)
                    .body(
                            "code", equalTo("RATE_LIMITED"),
                            "retryable", equalTo(true),
                            "detail", containsString("tenant '" + acme + "'"));
            int wait = Integer.parseInt(refused.header("Retry-After"));
            assertTrue(wait > 900 && wait <= 1000, "" + wait);
        }
        with(ofBirch).get("/api/v1/projects").then().statusCode(200);
        with(ofBirch).get("/api/v1/projects").then().statusCode(200);
        set(acme, Map.of()).then().statusCode(200).body("requestsPerSecond", nullValue());
        with(camera).get("/api/v1/projects").then().statusCode(200);
    }

    @Test
    void operatorsCanRaiseTheLimitOfTheirOwnTenant() {
        set("default", Map.of("requestsPerSecond", 0.001)).then().statusCode(200);
        try {
            operator().get("/api/v1/tenants");
            operator().get("/api/v1/tenants").then().statusCode(429);
        } finally {
            set("default", Map.of()).then().statusCode(200);
        }
        operator().get("/api/v1/tenants").then().statusCode(200);
    }

    @Test
    void additionsToTwoProjectsAtTheSameTimeDoNotExceedTheLimitOfTheirTenant() {
        List<String> projects = List.of(project(ofAcme, acme + ".bolts"), project(ofAcme, acme + ".nuts"));
        String other = project(ofBirch, birch + ".bolts");
        set(acme, Map.of("maxImages", 3)).then().statusCode(200).body("maxImages", equalTo(3), "images", equalTo(0));

        List<Integer> statuses = IntStream.range(0, 12)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> upload(ofAcme, projects.get(i % 2), Drawn.png()).statusCode()))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .sorted()
                .toList();

        assertEquals(List.of(201, 201, 201, 409, 409, 409, 409, 409, 409, 409, 409, 409), statuses);
        operator().get(limits(acme)).then().body("images", equalTo(3));
        for (int i = 0; i < 4; i++) {
            upload(ofBirch, other, Drawn.png()).then().statusCode(201);
        }
        upload(ofAcme, projects.getFirst(), Drawn.png())
                .then()
                .statusCode(409)
                .body(
                        "code", equalTo("TENANT_FULL"),
                        "retryable", equalTo(false),
                        "detail", containsString("at most 3 images in all its projects"));
    }

    @Test
    void theLimitsOfAProjectAndOfItsTenantBothCount() {
        String small = project(ofAcme, acme + ".bolts");
        String large = project(ofAcme, acme + ".nuts");
        byte[] first = Drawn.png();
        operator().body(Map.of("maxImages", 1)).put(small + "/limits").then().statusCode(200);
        set(acme, Map.of("maxImages", 2)).then().statusCode(200);
        upload(ofAcme, small, first).then().statusCode(201);
        upload(ofAcme, small, Drawn.png()).then().statusCode(409).body("code", equalTo("PROJECT_FULL"));
        upload(ofAcme, large, Drawn.png()).then().statusCode(201);
        upload(ofAcme, large, Drawn.png()).then().statusCode(409).body("code", equalTo("TENANT_FULL"));
        String image = small + "/images/" + Sha256.of(first);
        with(ofAcme).delete(image).then().statusCode(204);
        upload(ofAcme, large, Drawn.png()).then().statusCode(201);

        with(ofAcme).post(image + "/restore").then().statusCode(409).body("code", equalTo("TENANT_FULL"));

        set(acme, Map.of()).then().statusCode(200).body("maxImages", nullValue());
        with(ofAcme).post(image + "/restore").then().statusCode(200);
    }

    @Test
    void theBytesOfAllProjectsOfATenantAreLimited() {
        byte[] first = Drawn.png();
        set(acme, Map.of("maxBytes", first.length)).then().statusCode(200);
        upload(ofAcme, project(ofAcme, acme + ".bolts"), first).then().statusCode(201);

        upload(ofAcme, project(ofAcme, acme + ".nuts"), Drawn.png())
                .then()
                .statusCode(409)
                .body("code", equalTo("TENANT_FULL"));

        with(ofAcme).get(limits(acme)).then().body("bytes", equalTo(first.length), "images", equalTo(1));
    }

    @Test
    void theLimitsOfATenantAreKnownToItsAdministratorsAndSetByOperators() {
        set(acme, Map.of("maxImages", 7)).then().statusCode(200);

        with(ofAcme).get(limits(acme)).then().statusCode(200).body("maxImages", equalTo(7));
        with(token(acme, "APPROVER")).get(limits(acme)).then().statusCode(403);
        with(ofAcme).body(Map.of()).put(limits(acme)).then().statusCode(403).body("code", equalTo("PERMISSION_DENIED"));
        with(ofBirch).body(Map.of()).put(limits(acme)).then().statusCode(403);
        String none = "none-" + UUID.randomUUID().toString().substring(0, 8);
        String expected =
                with(ofBirch).get(limits(none)).then().statusCode(404).extract().asString();
        String got =
                with(ofBirch).get(limits(acme)).then().statusCode(404).extract().asString();
        assertEquals(expected.replace(none, acme), got);
        set("Acme", Map.of()).then().statusCode(404).body("code", equalTo("TENANT_NOT_FOUND"));
        for (Map<String, ?> wrong :
                List.of(Map.of("maxImages", -1), Map.of("maxBytes", -1), Map.of("requestsPerSecond", 0))) {
            set(acme, wrong).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        }
    }

    @Test
    void theListOfTenantsHasTheirLimits() {
        String empty = "empty-" + UUID.randomUUID().toString().substring(0, 8);
        set(acme, Map.of("maxImages", 7, "maxBytes", 8, "requestsPerSecond", 9))
                .then()
                .statusCode(200);
        set(empty, Map.of("maxBytes", 8)).then().statusCode(200);
        String one = "items.find { it.name == '%s' }.";

        operator()
                .get("/api/v1/tenants")
                .then()
                .statusCode(200)
                .body(
                        one.formatted(acme) + "maxImages", equalTo(7),
                        one.formatted(acme) + "maxBytes", equalTo(8),
                        one.formatted(acme) + "requestsPerSecond", equalTo(9f),
                        one.formatted(acme) + "tokens", equalTo(1),
                        one.formatted(birch) + "maxImages", nullValue(),
                        one.formatted(empty) + "projects", equalTo(0),
                        one.formatted(empty) + "maxBytes", equalTo(8));
        set(empty, Map.of()).then().statusCode(200);
        operator().get("/api/v1/tenants").then().body("items.name", hasItem(acme), "items.name", not(hasItem(empty)));
    }

    @Test
    void aLimitIsAuditedAndAnnounced() throws Exception {
        set(acme, Map.of("requestsPerSecond", 20)).then().statusCode(200);
        set(acme, Map.of("maxImages", 5)).then().statusCode(200);

        operator()
                .get("/api/v1/audit/dataset-service?action=limits.&subject=tenant:" + acme)
                .then()
                .body(
                        "items.before.requestsPerSecond", contains(equalTo(20.0f), nullValue()),
                        "items.after.maxImages", contains(equalTo(5), nullValue()));
        List<ConsumerRecord<String, byte[]>> own = TopicReader.read(
                        ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class),
                        "loupe.datasets",
                        read -> read.stream()
                                        .filter(one -> acme.equals(one.key()))
                                        .count()
                                == 2)
                .stream()
                .filter(one -> acme.equals(one.key()))
                .toList();
        TenantLimitChanged first = TenantLimitChanged.parseFrom(own.get(0).value());
        TenantLimitChanged second = TenantLimitChanged.parseFrom(own.get(1).value());
        assertEquals(List.of(20.0, 0.0), List.of(first.getRequestsPerSecond(), second.getRequestsPerSecond()));
        assertEquals(first.getRevision() + 1, second.getRevision());
        assertEquals(
                "dev.loupe.tenant-limit-changed.v1",
                new String(own.getFirst().headers().lastHeader("ce_type").value()));
    }
}
