package dev.loupe.training.access;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.events.v1.ApiTokenChanged;
import dev.loupe.events.v1.ProjectMember;
import dev.loupe.events.v1.ProjectMembersChanged;
import dev.loupe.service.access.ApiToken;
import dev.loupe.service.access.Role;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.access.TokenDirectory;
import dev.loupe.service.access.TokenText;
import dev.loupe.testing.AccessMatrix;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.RestOperation;
import dev.loupe.training.Scene;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@TestProfile(TokenMode.class)
class AccessIT {
    private static final Path RULES = Path.of("src/main/resources/access-rules.txt");

    /** Their queries show an operator nothing of other tenants, but in the audit log. */
    private static final Set<String> LISTS = Set.of(
            "GET /api/v1/audit/{service}",
            "GET /api/v1/audit/{service}/export",
            "GET /api/v1/quotas/tenants/{tenant}",
            "GET /api/v1/runs",
            "GET /api/v1/evaluations",
            "GET /api/v1/searches",
            "GET /api/v1/imported-models");

    @TestHTTPResource
    URI server;

    @Inject
    Jdbi jdbi;

    @Inject
    TokenDirectory directory;

    /** Public, because Jdbi binds only public records. */
    public record Things(UUID project, UUID run, UUID search, UUID importedModel) {}

    /** A project with a run, a search and an imported model, as the tables have them. */
    private Things things() {
        return things("p-");
    }

    /** @param beforeName what the name of the project begins with */
    private Things things(String beforeName) {
        Things things = new Things(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
        for (String statement : List.of("""
                insert into dataset_version (id, project_id, project_name, task, number, manifest_bucket, manifest_key,
                    manifest_sha256, train_images, dev_images, test_images, classes, class_count, test_digest)
                values (:project, :project, '%s' || :project, 'CLASSIFICATION', 1, 'b', 'k', 's', 1, 1, 1, '{}', 2, 'd')""", """
                insert into run (id, dataset_version_id, recipe, seed, register, state)
                values (:run, :project, '{"name": "transfer", "parameters": {}}', 1, false, 'CANCELLED')""", """
                insert into search (id, dataset_version_id, recipe, space, method, objective, trials, parallel, seed,
                    register, priority, state)
                values (:search, :project, '{"name": "transfer", "parameters": {}}', '{}', 'RANDOM', 'accuracy', 1, 1, 1,
                    false, 0, 'CANCELLED')""", """
                insert into imported_model (id, project_id, name, sha256, size, labels, scale, mean, std, width, height,
                    layout, scores)
                values (:importedModel, :project, 'm', 's', 1, '{a,b}', 1, '{0,0,0}', '{1,1,1}', 32, 32, 'CHANNELS_FIRST',
                    'LOGITS')""")) {
            jdbi.useHandle(handle -> handle.createUpdate(statement.replace("%s", beforeName))
                    .bindMethods(things)
                    .execute());
        }
        return things;
    }

    private String token(Role role, UUID project) {
        return token("", role, project);
    }

    private String tokenOf(String tenant, Role role) {
        return token(tenant + "/", role, Tenant.allProjects(tenant));
    }

    private String token(String beforeName, Role role, UUID project) {
        String text = TokenText.draw();
        UUID id = UUID.randomUUID();
        QuarkusTransaction.requiringNew()
                .run(() -> directory.apply(new ApiToken(
                        id,
                        beforeName + "t-" + id,
                        TokenText.sha256(text),
                        role,
                        project,
                        "ann",
                        Instant.now(),
                        null,
                        null,
                        1)));
        directory.refreshIfStale();
        return text;
    }

    private static RequestSpecification with(String token) {
        return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON);
    }

    @Test
    void everyOperationAnswersEveryCallerAsItsRuleSays() throws Exception {
        Things own = things();
        UUID other = things().project();
        AccessMatrix matrix = new AccessMatrix(
                server,
                Files.readString(RULES),
                Map.of(
                        "project", own.project().toString(),
                        "run", own.run().toString(),
                        "search", own.search().toString(),
                        "imported-model", own.importedModel().toString(),
                        "tenant", Tenant.DEFAULT));
        List<RestOperation> operations =
                RestOperation.of(Path.of("target/classes"), Path.of("../../common/service/target/classes"));

        assertEquals(List.of(), matrix.unmatched(operations.stream().map(RestOperation::name)));
        assertEquals(Map.of(), matrix.deviations(operations, (role, scope) -> switch (scope) {
            case EVERYWHERE -> token(Role.valueOf(role), null);
            case OTHER_TENANT -> tokenOf("acme", Role.valueOf(role));
            case OWN -> token(Role.valueOf(role), own.project());
            case OTHER -> token(Role.valueOf(role), other);
        }));
    }

    @Test
    void aThingOfAnotherProjectLooksAsIfItDidNotExist() {
        Things hidden = things();
        String token = token(Role.ADMIN, things().project());
        UUID missing = UUID.randomUUID();

        Map.of("runs", hidden.run(), "searches", hidden.search(), "imported-models", hidden.importedModel())
                .forEach((kind, id) -> {
                    String path = "/api/v1/" + kind + "/";
                    String expected = with(token)
                            .get(path + missing)
                            .then()
                            .statusCode(404)
                            .extract()
                            .asString();
                    String got = with(token)
                            .get(path + id)
                            .then()
                            .statusCode(404)
                            .extract()
                            .asString();
                    assertEquals(expected.replace(missing.toString(), id.toString()), got);
                });
    }

    @Test
    void aListShowsOnlyThingsOfTheProjectsOfTheToken() {
        Things own = things();
        Things other = things();
        String token = token(Role.VIEWER, own.project());
        String everywhere = token(Role.VIEWER, null);

        Map.of("runs", own.run(), "searches", own.search(), "imported-models", own.importedModel())
                .forEach((kind, id) -> {
                    with(token)
                            .get("/api/v1/" + kind + "?limit=1000")
                            .then()
                            .statusCode(200)
                            .body("items.id", contains(id.toString()));
                    with(everywhere)
                            .get("/api/v1/" + kind + "?limit=1000")
                            .then()
                            .statusCode(200)
                            .body("items.size()", greaterThan(1));
                });
        with(token).get("/api/v1/evaluations").then().statusCode(200).body("items.size()", equalTo(0));
        with(token)
                .get("/api/v1/runs?project=" + other.project())
                .then()
                .statusCode(404)
                .body("code", equalTo("PROJECT_NOT_FOUND"));
    }

    @Test
    void noOperationKnowsAThingOfAnotherTenant() throws Exception {
        String tenant = "t" + UUID.randomUUID().toString().substring(0, 8);
        Things hidden = things(tenant + ".");
        String own = tokenOf(tenant, Role.ADMIN);
        AccessMatrix matrix = new AccessMatrix(
                server,
                Files.readString(RULES),
                Map.of(
                        "project", hidden.project().toString(),
                        "run", hidden.run().toString(),
                        "search", hidden.search().toString(),
                        "imported-model", hidden.importedModel().toString(),
                        "tenant", tenant));
        List<RestOperation> operations =
                RestOperation.of(Path.of("target/classes"), Path.of("../../common/service/target/classes"));

        assertEquals(Set.of(), matrix.shown(operations, tokenOf("acme", Role.ADMIN)));
        assertEquals(LISTS, matrix.shown(operations, token(Role.ADMIN, null)));
        assertEquals(Set.of(), matrix.shown(operations, token(Role.APPROVER, null)));
        assertEquals(matrix.onThings(operations), matrix.shown(operations, own));
        with(token(Role.ADMIN, null))
                .body(Map.of("weight", 2))
                .put("/api/v1/quotas/" + hidden.project())
                .then()
                .statusCode(200);
        Map.of("runs", hidden.run(), "searches", hidden.search(), "imported-models", hidden.importedModel())
                .forEach((kind, id) -> {
                    String list = "/api/v1/" + kind + "?limit=1000";
                    with(own).get(list).then().statusCode(200).body("items.id", contains(id.toString()));
                    for (String other : List.of(tokenOf("acme", Role.ADMIN), token(Role.ADMIN, null))) {
                        with(other).get(list).then().statusCode(200).body("items.id", not(hasItem(id.toString())));
                    }
                });
        with(own).get("/api/v1/quotas").then().body("items.weight", contains(2f));
        with(token(Role.ADMIN, null))
                .get("/api/v1/quotas")
                .then()
                .body("items.project", not(hasItem(tenant + "." + hidden.project())));
    }

    @Test
    void everyRunOfAComparisonMustBeVisible() {
        Things own = things();
        Things other = things();
        String token = token(Role.VIEWER, own.project());

        with(token)
                .get("/api/v1/runs/compare?ids=" + own.run() + "," + other.run())
                .then()
                .statusCode(404)
                .body("code", equalTo("RUN_NOT_FOUND"));
        with(token)
                .get("/api/v1/runs/" + own.run() + "/comparison?with=" + other.run())
                .then()
                .statusCode(404)
                .body("code", equalTo("RUN_NOT_FOUND"));
        with(token)
                .get("/api/v1/runs?project=" + own.project() + "&project=" + other.project())
                .then()
                .statusCode(404)
                .body("code", equalTo("PROJECT_NOT_FOUND"));
    }

    @Test
    void anEvaluationMayUseOnlyVisibleProjects() {
        Things own = things();
        Things other = things();
        String token = token(Role.ENGINEER, own.project());

        with(token)
                .body(Map.of("run", own.run(), "datasetProject", other.project(), "datasetVersion", 1))
                .post("/api/v1/evaluations")
                .then()
                .statusCode(404)
                .body("code", equalTo("PROJECT_NOT_FOUND"));
        with(token)
                .body(Map.of("run", other.run(), "datasetProject", own.project(), "datasetVersion", 1))
                .post("/api/v1/evaluations")
                .then()
                .statusCode(404)
                .body("code", equalTo("RUN_NOT_FOUND"));
    }

    @Test
    void anEventMakesATokenValidAndInvalid() {
        String text = TokenText.draw();
        with(text).get("/api/v1/recipes").then().statusCode(401).body("code", equalTo("UNAUTHENTICATED"));
        ApiTokenChanged created = ApiTokenChanged.newBuilder()
                .setId(UUID.randomUUID().toString())
                .setName("camera")
                .setSha256(TokenText.sha256(text))
                .setRole("VIEWER")
                .setCreatedBy("ann")
                .setCreatedAt(System.currentTimeMillis())
                .setExpiresAt(System.currentTimeMillis() + Duration.ofHours(1).toMillis())
                .setRevision(1)
                .build();

        send(created);
        awaitStatus(text, 200);
        send(created.toBuilder()
                .setRevokedAt(System.currentTimeMillis())
                .setRevision(2)
                .build());
        awaitStatus(text, 401);
    }

    @Test
    void anEventReplacesTheMembersOfAProject() {
        String project = UUID.randomUUID().toString();
        ProjectMembersChanged.Builder event = ProjectMembersChanged.newBuilder().setProjectId(project);
        for (String name : List.of("ann", "bob")) {
            event.addMembers(
                    ProjectMember.newBuilder().setKind("PERSON").setName(name).setRole("VIEWER"));
        }
        sendMembers(event.setRevision(1).build());
        sendMembers(event.setRevision(2).removeMembers(0).build());

        await().atMost(Duration.ofMinutes(1))
                .until(() -> jdbi.withHandle(
                        handle -> handle.createQuery("select name from project_member where project_id = :project")
                                .bind("project", UUID.fromString(project))
                                .mapTo(String.class)
                                .list()
                                .equals(List.of("bob"))));
    }

    private static void sendMembers(ProjectMembersChanged event) {
        Scene.send(UUID.randomUUID().toString(), "dev.loupe.project-members-changed.v1", event.toByteArray());
    }

    private static void send(ApiTokenChanged event) {
        Scene.send(UUID.randomUUID().toString(), "dev.loupe.api-token-changed.v1", event.toByteArray());
    }

    private static void awaitStatus(String token, int status) {
        await().atMost(Duration.ofMinutes(1))
                .until(() -> with(token).get("/api/v1/recipes").statusCode() == status);
    }
}
