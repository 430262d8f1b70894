package dev.loupe.dataset.access;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.dataset.Drawn;
import dev.loupe.dataset.Zip;
import dev.loupe.storage.Sha256;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.FencedTables;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Row-level security between tenants. A new table without a decision fails here. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "dataset"))
@TestProfile(TokenMode.class)
class TenantFenceIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Why a table is closed to requests of tenants. */
    private static final Map<String, String> CLOSED = Map.of(
            "inbox", "events are received by no request",
            "outbox_dead_letter", "events are sent by no request",
            "image_import_content", "the worker of imports alone uses it",
            "deleted_version", "training-service releases versions, by an event");

    /** Why no tenant sees rows of a table that it adds rows to. */
    private static final Map<String, String> ADDED_ONLY = Map.of(
            "outbox", "the relay sends the events of all tenants",
            "deleted_project", "a sweep removes the objects; the project is gone");

    @Inject
    DataSource database;

    @Inject
    Jdbi jdbi;

    private final String acme = "acme-" + UUID.randomUUID().toString().substring(0, 8);
    private final String birch = "birch-" + UUID.randomUUID().toString().substring(0, 8);
    private FencedTables tables;
    private String ofAcme;
    private String ofBirch;

    @BeforeEach
    void administrators() {
        tables = new FencedTables(database);
        ofAcme = token(acme);
        ofBirch = token(birch);
    }

    /** A tenant can delete all that it has. Other tests may draw the same images. */
    @AfterEach
    void deleteTheProjects() {
        for (String token : List.of(ofAcme, ofBirch)) {
            for (String name : with(token).get("/api/v1/projects").<List<String>>path("items.name")) {
                with(token)
                        .delete("/api/v1/projects/" + name + "?confirm=" + name)
                        .then()
                        .statusCode(204);
            }
        }
        assertEquals(Set.of(), filledWithProjects(acme));
        assertEquals(Set.of(), filledWithProjects(birch));
    }

    private Set<String> filledWithProjects(String tenant) {
        Set<String> seen = tables.seenBy(tenant);
        seen.removeAll(Set.of("api_token", "idempotency", "tenant_limit"));
        return seen;
    }

    private static String token(String tenant) {
        return with(TokenMode.ADMINISTRATOR)
                .body(Map.of("name", "admin", "role", "ADMIN", "tenant", tenant))
                .post("/api/v1/tokens")
                .then()
                .statusCode(201)
                .extract()
                .path("token");
    }

    private static RequestSpecification with(String token) {
        return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON);
    }

    private static String project(String token, String name) {
        String id = with(token)
                .header("Idempotency-Key", "first")
                .body(Map.of("name", name, "task", "CLASSIFICATION"))
                .post("/api/v1/projects")
                .then()
                .statusCode(201)
                .extract()
                .path("id");
        return "/api/v1/projects/" + id;
    }

    private static UUID idOf(String project) {
        return UUID.fromString(project.replaceAll(".*/", ""));
    }

    private static Response upload(String token, String project, byte[] image, String label) {
        return given().header("Authorization", "Bearer " + token)
                .contentType("image/png")
                .body(image)
                .post(project + "/images?label=" + label);
    }

    private static void importZip(String token, String project, byte[] zip) {
        Response started = given().header("Authorization", "Bearer " + token)
                .contentType("application/zip")
                .body(zip)
                .post(project + "/imports");
        started.then().statusCode(202);
        await().atMost(PATIENCE).until(() -> with(token)
                .get(started.header("Location"))
                .path("state")
                .equals("SUCCEEDED"));
    }

    /** A project of a tenant with a row in each table that a request can see rows of. */
    private UUID fill(String tenant, String token) {
        String project = project(token, tenant + ".parts");
        Zip zip = new Zip().images("cat", 10).images("dog", 10).file("cat/broken.png", new byte[] {1, 2, 3});
        importZip(token, project, zip.bytes());
        with(token).body("{}").post(project + "/versions").then().statusCode(201);
        byte[] kept = Drawn.png();
        upload(token, project, kept, "cat").then().statusCode(201);
        upload(token, project, kept, "dog");
        byte[] deleted = Drawn.png();
        upload(token, project, deleted, "cat").then().statusCode(201);
        with(token).delete(project + "/images/" + Sha256.of(deleted)).then().statusCode(204);
        with(token).get(project + "/findings").then().statusCode(200);
        with(token)
                .body(Map.of("kind", "PERSON", "name", "ann", "role", "ADMIN"))
                .post(project + "/members")
                .then()
                .statusCode(200);
        with(token)
                .body(Map.of("name", tenant + ".bolts"))
                .patch(project)
                .then()
                .statusCode(200);
        with(TokenMode.ADMINISTRATOR)
                .body(Map.of("requestsPerSecond", 1000))
                .put("/api/v1/tenants/" + tenant + "/limits");
        UUID id = idOf(project);
        jdbi.useHandle(handle -> {
            handle.execute("insert into storage_limit (project_id, max_images) values (?, 1000)", id);
            handle.execute("insert into request_limit (id, kind, revision) values (?, 'PROJECT', 1)", id);
            handle.execute("""
                    insert into finding (project_id, id, kind, severity, position, message, images, figures)
                    values (?, 'f', 'BLUR', 'LOW', 1, 'm', '{}', '{}') on conflict do nothing""", id);
        });
        return id;
    }

    @Test
    void eachTableIsFencedOrClosed() {
        assertEquals(Set.of("flyway_schema_history"), tables.open());
        assertEquals(CLOSED.keySet(), tables.closed());
        Set<String> expected = new TreeSet<>(CLOSED.keySet());
        expected.addAll(tables.fenced());
        assertEquals(expected, tables.granted());
    }

    @Test
    void theRoleSeesAndChangesRowsOfItsTenantAlone() {
        UUID own = fill(acme, ofAcme);
        UUID other = fill(birch, ofBirch);
        Set<String> seen = tables.fenced();
        seen.removeAll(ADDED_ONLY.keySet());

        assertEquals(seen, tables.seenBy(acme));
        assertEquals(seen, tables.seenBy(birch));
        assertEquals(List.of(), tables.leaks(acme, birch, Set.of("outbox")));
        assertTrue(tables.refuses(acme, "insert into deleted_project (id) values ('%s')".formatted(other)));
        assertFalse(tables.refuses(acme, "insert into deleted_project (id) values ('%s')".formatted(own)));
        assertEquals(Set.of(), tables.seenBy(""));
        assertEquals(Set.of(), tables.seenBy("nothing"));
        assertTrue(tables.filled().containsAll(seen));
    }

    @Test
    void theDatabaseDecidesWhatARequestOfATenantFinds() {
        String project = project(ofAcme, acme + ".parts");
        String own = project(TokenMode.ADMINISTRATOR, "p-" + UUID.randomUUID());
        String policy = jdbi.withHandle(
                handle -> handle.createQuery("""
                        select pg_get_expr(polqual, polrelid) from pg_policy
                        where polrelid = 'project'::regclass and polname = 'tenant'""").mapTo(String.class).one());
        with(ofAcme).get("/api/v1/projects").then().body("items.name", contains(acme + ".parts"));
        jdbi.useHandle(handle -> handle.execute("alter policy tenant on project using (false)"));
        try {
            with(ofAcme).get("/api/v1/projects").then().statusCode(200).body("items", empty());
            with(ofAcme).get(project).then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
            with(TokenMode.ADMINISTRATOR).get(own).then().statusCode(200);
        } finally {
            jdbi.useHandle(handle -> handle.execute("alter policy tenant on project using (" + policy + ")"));
        }
        with(ofAcme).get(project).then().statusCode(200);
    }

    @Test
    void importsOfAllTenantsCountForTheLimitOfTheServer() {
        String project = project(ofAcme, acme + ".parts");
        UUID other = idOf(project(ofBirch, birch + ".parts"));
        jdbi.useHandle(handle -> handle.execute("""
                insert into image_import (id, project_id, actor, relabel, sha256, size, claimable_at)
                select gen_random_uuid(), ?, 'ann', false, 's', 1, now() + interval '1 day' from generate_series(1, 1000)""", other));
        try {
            given().header("Authorization", "Bearer " + ofAcme)
                    .contentType("application/zip")
                    .body(new Zip().images("cat", 1).bytes())
                    .post(project + "/imports")
                    .then()
                    .body("code", equalTo("QUEUE_FULL"));
        } finally {
            jdbi.useHandle(handle -> handle.execute("delete from image_import where project_id = ?", other));
        }
        importZip(ofAcme, project, new Zip().images("cat", 1).bytes());
    }

    @Test
    void measuresOfAnImageConcernAllTenantsThatHaveIt() {
        String project = project(ofBirch, birch + ".parts");
        byte[] image = Drawn.png();
        upload(ofBirch, project, image, "cat").then().statusCode(201);
        with(ofBirch).get(project + "/findings").then().statusCode(200);
        jdbi.useHandle(handle ->
                handle.execute("update image_properties set measured_at = null where sha256 = ?", Sha256.of(image)));

        upload(ofAcme, project(ofAcme, acme + ".parts"), image, "cat").then().statusCode(201);

        boolean stale =
                jdbi.withHandle(handle -> handle.createQuery("select stale from finding_search where project_id = ?")
                        .bind(0, idOf(project))
                        .mapTo(Boolean.class)
                        .one());
        assertTrue(stale);
    }
}
