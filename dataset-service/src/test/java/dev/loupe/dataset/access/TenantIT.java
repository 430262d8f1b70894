package dev.loupe.dataset.access;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.dataset.Drawn;
import dev.loupe.events.v1.ApiTokenChanged;
import dev.loupe.service.access.Tenant;
import dev.loupe.testing.AccessMatrix;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.RestOperation;
import dev.loupe.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "dataset"))
@TestProfile(TokenMode.class)
class TenantIT {
    private static final String AUDIT = "/api/v1/audit/dataset-service";
    private static final Path RULES = Path.of("src/main/resources/access-rules.txt");

    /** The queries of the first two show an operator nothing of other tenants, but in the audit log. */
    private static final Set<String> OF_OPERATORS = Set.of(
            "GET /api/v1/audit/{service}", "GET /api/v1/audit/{service}/export", "GET /api/v1/tenants/{tenant}/limits");

    @TestHTTPResource
    URI server;

    private final String acme = "acme-" + UUID.randomUUID().toString().substring(0, 8);
    private final String birch = "birch-" + UUID.randomUUID().toString().substring(0, 8);
    private String ofAcme;
    private String ofBirch;

    @BeforeEach
    void administrators() {
        ofAcme = token(TokenMode.ADMINISTRATOR, "admin", acme).path("token");
        ofBirch = token(TokenMode.ADMINISTRATOR, "admin", birch).path("token");
    }

    private static RequestSpecification with(String token) {
        return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON);
    }

    private static Response token(String creator, String name, String tenant) {
        Map<String, String> body = new HashMap<>(Map.of("name", name, "role", "ADMIN"));
        if (tenant != null) {
            body.put("tenant", tenant);
        }
        return with(creator).body(body).post("/api/v1/tokens");
    }

    private static RequestSpecification operator() {
        return with(TokenMode.ADMINISTRATOR);
    }

    private static Response make(String token, String name) {
        return with(token).body(Map.of("name", name, "task", "CLASSIFICATION")).post("/api/v1/projects");
    }

    private static String project(String token, String name) {
        return make(token, name).then().statusCode(201).extract().path("id");
    }

    @Test
    void twoTenantsHaveProjectsOfTheSameName() {
        String one = project(ofAcme, acme + ".parts");
        String other = project(ofBirch, birch + ".parts");

        with(ofAcme).get("/api/v1/projects").then().statusCode(200).body("items.id", contains(one));
        with(ofBirch).get("/api/v1/projects").then().statusCode(200).body("items.id", contains(other));
        with(TokenMode.ADMINISTRATOR)
                .get("/api/v1/projects?limit=1000")
                .then()
                .statusCode(200)
                .body("items.id", not(hasItems(one)), "items.id", not(hasItems(other)));
        String missing = UUID.randomUUID().toString();
        String expected = with(ofAcme).get("/api/v1/projects/" + missing).asString();
        for (String hidden : List.of(other, birch + ".parts")) {
            String got = with(ofAcme)
                    .get("/api/v1/projects/" + hidden)
                    .then()
                    .statusCode(404)
                    .extract()
                    .asString();
            assertEquals(expected.replace(missing, hidden), got);
        }
    }

    @Test
    void namesAreThoseOfTheTenant() {
        project(ofBirch, birch + ".parts");
        String own = project(ofAcme, acme + ".parts");
        for (String name : List.of("parts", birch + ".parts", birch + ".new", "default.parts")) {
            make(ofAcme, name)
                    .then()
                    .statusCode(400)
                    .body(
                            "code",
                            equalTo("INVALID_REQUEST"),
                            "detail",
                            startsWith("name: expected one that begins with"));
            with(ofAcme)
                    .body(Map.of("name", name))
                    .patch("/api/v1/projects/" + own)
                    .then()
                    .statusCode(400);
        }
        for (String name : List.of(birch + ".parts", "default.parts", birch + ".new")) {
            make(TokenMode.ADMINISTRATOR, name)
                    .then()
                    .statusCode(400)
                    .body("detail", startsWith("name: expected one without '.'"));
        }
        make(ofAcme, acme + ".parts").then().statusCode(409).body("code", equalTo("PROJECT_EXISTS"));
        with(ofAcme)
                .body(Map.of("name", acme + ".bolts"))
                .patch("/api/v1/projects/" + own)
                .then()
                .statusCode(200);
        with(ofAcme).get("/api/v1/projects/" + acme + ".parts").then().body("name", equalTo(acme + ".bolts"));
    }

    @Test
    void noOperationKnowsAThingOfAnotherTenant() throws Exception {
        String hidden = project(ofAcme, acme + ".parts");
        String known = with(ofAcme)
                .body(Map.of("name", "camera", "role", "VIEWER", "project", hidden))
                .post("/api/v1/tokens")
                .path("id");
        AccessMatrix matrix = new AccessMatrix(
                server, Files.readString(RULES), Map.of("project", hidden, "token", known, "tenant", acme));
        List<RestOperation> operations =
                RestOperation.of(Path.of("target/classes"), Path.of("../common/service/target/classes"));

        assertEquals(Set.of(), matrix.shown(operations, ofBirch));
        assertEquals(OF_OPERATORS, matrix.shown(operations, TokenMode.ADMINISTRATOR));
        assertEquals(matrix.onThings(operations), matrix.shown(operations, ofAcme));
    }

    @Test
    void tokensAreOfOneTenant() {
        String camera = token(ofAcme, "camera", null).path("id");
        String same = token(ofBirch, "camera", birch).path("id");

        token(ofAcme, "camera", acme).then().statusCode(409).body("code", equalTo("TOKEN_EXISTS"));
        token(ofAcme, "spy", birch).then().statusCode(403).body("code", equalTo("PERMISSION_DENIED"));
        token(ofAcme, "spy", "default").then().statusCode(403);
        token(TokenMode.ADMINISTRATOR, "spy", "Birch").then().statusCode(400);
        with(ofAcme)
                .get("/api/v1/tokens")
                .then()
                .statusCode(200)
                .body("items.name", contains("camera", "admin"), "items.tenant", everyItem(equalTo(acme)));
        with(TokenMode.ADMINISTRATOR)
                .get("/api/v1/tokens?limit=1000")
                .then()
                .body("items.tenant", everyItem(equalTo(Tenant.DEFAULT)), "items.id", not(hasItem(camera)));
        operator()
                .get("/api/v1/tokens?tenant=" + acme)
                .then()
                .statusCode(200)
                .body("items.name", contains("camera", "admin"));
        with(ofBirch).get("/api/v1/tokens?tenant=" + acme).then().statusCode(403);
        with(ofBirch).delete("/api/v1/tokens/" + camera).then().statusCode(404);
        with(ofBirch).delete("/api/v1/tokens/" + acme + "%2Fcamera").then().statusCode(404);
        with(ofBirch).delete("/api/v1/tokens/camera").then().statusCode(204);
        with(ofBirch)
                .get("/api/v1/tokens")
                .then()
                .body("items.find { it.id == '" + same + "' }.state", equalTo("REVOKED"));
        with(ofAcme)
                .get("/api/v1/tokens")
                .then()
                .body("items.find { it.id == '" + camera + "' }.state", equalTo("VALID"));
        operator().delete("/api/v1/tokens/" + camera).then().statusCode(204);
        with(ofAcme)
                .get("/api/v1/tokens")
                .then()
                .body("items.find { it.id == '" + camera + "' }.state", equalTo("REVOKED"));
    }

    @Test
    void aTokenForAllProjectsOfATenantIsNoneForAllToAServiceThatKnowsNoTenants() throws Exception {
        String id = token(ofAcme, "camera", null).path("id");

        byte[] event = TopicReader.read(
                        ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class),
                        "loupe.datasets",
                        read -> read.stream().anyMatch(one -> id.equals(one.key())))
                .stream()
                .filter(one -> id.equals(one.key()))
                .findFirst()
                .orElseThrow()
                .value();
        assertEquals(
                Tenant.allProjects(acme).toString(),
                ApiTokenChanged.parseFrom(event).getProjectId());
        with(ofAcme).get("/api/v1/projects/" + Tenant.allProjects(acme)).then().statusCode(404);
    }

    @Test
    void theCallerIsToldTheirTenant() {
        with(ofAcme)
                .get("/api/v1/caller")
                .then()
                .statusCode(200)
                .body("name", equalTo("token:" + acme + "/admin"), "tenant", equalTo(acme), "role", equalTo("ADMIN"));
        with(TokenMode.ADMINISTRATOR).get("/api/v1/caller").then().body("tenant", equalTo(Tenant.DEFAULT));
    }

    @Test
    void theAuditLogShowsTheChangesOfTheTenant() {
        String own = project(ofAcme, acme + ".parts");
        String other = project(ofBirch, birch + ".parts");
        String shared = project(TokenMode.ADMINISTRATOR, "p-" + UUID.randomUUID());

        with(ofAcme)
                .get(AUDIT)
                .then()
                .statusCode(200)
                .body("items.projectId", contains(own), "items.actor", contains("token:" + acme + "/admin"));
        for (String hidden : List.of(other, shared)) {
            with(ofAcme).get(AUDIT + "?project=" + hidden).then().statusCode(404);
        }
        with(ofAcme).get(AUDIT + "/verification").then().statusCode(403);
        with(TokenMode.ADMINISTRATOR)
                .get(AUDIT + "?limit=1000")
                .then()
                .body("items.projectId", hasItems(own, other, shared));
        with(ofBirch)
                .delete("/api/v1/projects/" + other + "?confirm=" + birch + ".parts")
                .then()
                .statusCode(204);
        with(ofAcme).get(AUDIT + "?project=" + other).then().statusCode(404);
        with(ofBirch).get(AUDIT + "?project=" + other).then().statusCode(404);
        with(TokenMode.ADMINISTRATOR)
                .get(AUDIT + "?project=" + other)
                .then()
                .statusCode(200)
                .body("items.action", hasItem("project.delete"));
    }

    @Test
    void whatAllTenantsShareIsTheOperators() {
        String own = project(ofAcme, acme + ".parts");
        with(ofAcme)
                .body(Map.of("maxImages", 5))
                .put("/api/v1/projects/" + own + "/limits")
                .then()
                .statusCode(403)
                .body("code", equalTo("PERMISSION_DENIED"));
        with(TokenMode.ADMINISTRATOR)
                .body(Map.of("maxImages", 5))
                .put("/api/v1/projects/" + own + "/limits")
                .then()
                .statusCode(200);
        with(ofAcme).get("/api/v1/tenants").then().statusCode(403);
        given().header("Authorization", "Bearer " + ofAcme)
                .contentType("image/png")
                .body(Drawn.png())
                .post("/api/v1/projects/" + own + "/images")
                .then()
                .statusCode(201);
        String usage = "items.find { it.name == '" + acme + "' }.";
        with(TokenMode.ADMINISTRATOR)
                .get("/api/v1/tenants")
                .then()
                .statusCode(200)
                .body(
                        usage + "projects", equalTo(1),
                        usage + "images", equalTo(1),
                        usage + "bytes", greaterThan(0),
                        usage + "tokens", equalTo(1),
                        "items.find { it.name == '" + birch + "' }.projects", equalTo(0));
        with(ofAcme).get("/api/v1/projects/" + own + "/limits").then().body("maxImages", equalTo(5));
    }
}
