package dev.loupe.dataset.access;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.loupe.events.v1.ApiTokenChanged;
import dev.loupe.events.v1.ProjectMembersChanged;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.access.TokenText;
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
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "dataset"))
@TestProfile(TokenMode.class)
class AccessIT {
    private static final String AUDIT = "/api/v1/audit/dataset-service";
    private static final Path RULES = Path.of("src/main/resources/access-rules.txt");

    @TestHTTPResource
    URI server;

    @Inject
    Jdbi jdbi;

    private static RequestSpecification with(String token) {
        return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON);
    }

    private static RequestSpecification administrator() {
        return with(TokenMode.ADMINISTRATOR);
    }

    private static String project() {
        return administrator()
                .body(Map.of("name", "p-" + UUID.randomUUID(), "task", "CLASSIFICATION"))
                .post("/api/v1/projects")
                .then()
                .statusCode(201)
                .extract()
                .path("id");
    }

    private static Response create(String creator, String name, String role, String project) {
        Map<String, String> body = new HashMap<>(Map.of("name", name, "role", role));
        if (project != null) {
            body.put("project", project);
        }
        return with(creator).body(body).post("/api/v1/tokens");
    }

    private static Response create(String role, String project) {
        return create(TokenMode.ADMINISTRATOR, "t-" + UUID.randomUUID(), role, project);
    }

    private static String token(String role, String project) {
        return create(role, project).then().statusCode(201).extract().path("token");
    }

    private static String tokenOf(String tenant, String role) {
        return administrator()
                .body(Map.of("name", "t-" + UUID.randomUUID(), "role", role, "tenant", tenant))
                .post("/api/v1/tokens")
                .then()
                .statusCode(201)
                .extract()
                .path("token");
    }

    @Test
    void everyOperationAnswersEveryCallerAsItsRuleSays() throws Exception {
        String own = project();
        String other = project();
        String known = create("VIEWER", own).path("id");
        AccessMatrix matrix = new AccessMatrix(
                server, Files.readString(RULES), Map.of("project", own, "token", known, "tenant", Tenant.DEFAULT));
        List<RestOperation> operations =
                RestOperation.of(Path.of("target/classes"), Path.of("../common/service/target/classes"));

        assertEquals(List.of(), matrix.unmatched(operations.stream().map(RestOperation::name)));
        assertEquals(Map.of(), matrix.deviations(operations, (role, scope) -> switch (scope) {
            case EVERYWHERE -> token(role, null);
            case OTHER_TENANT -> tokenOf("acme", role);
            case OWN -> token(role, own);
            case OTHER -> token(role, other);
        }));
        assertFalse(operations.isEmpty());
    }

    @Test
    void aTokenIsShownOnceAndStoredNowhere() {
        String name = "t-" + UUID.randomUUID();
        Response created = create(TokenMode.ADMINISTRATOR, name, "LABELLER", null);

        created.then()
                .statusCode(201)
                .body(
                        "token", matchesPattern("loupe_[A-Za-z0-9_-]{43}"),
                        "name", equalTo(name),
                        "role", equalTo("LABELLER"),
                        "state", equalTo("VALID"),
                        "createdBy", equalTo("bootstrap-admin"));
        String text = created.path("token");
        administrator()
                .get("/api/v1/tokens?limit=1000")
                .then()
                .statusCode(200)
                .body("items.name", hasItem(name), "items.token", not(hasItem(text)));
        String row = jdbi.withHandle(handle -> handle.createQuery("select t::text from api_token t where name = :name")
                .bind("name", name)
                .mapTo(String.class)
                .one());
        assertFalse(row.contains(text), row);
        assertEquals(TokenText.sha256(text), jdbi.withHandle(handle -> handle.createQuery(
                        "select sha256 from api_token where name = :name")
                .bind("name", name)
                .mapTo(String.class)
                .one()));
    }

    @Test
    void aRevokedTokenIsRefusedAndItsNameIsFree() {
        String name = "t-" + UUID.randomUUID();
        String text = create(TokenMode.ADMINISTRATOR, name, "VIEWER", null).path("token");
        with(text).get("/api/v1/projects").then().statusCode(200);
        create(TokenMode.ADMINISTRATOR, name, "VIEWER", null)
                .then()
                .statusCode(409)
                .body("code", equalTo("TOKEN_EXISTS"));

        administrator().delete("/api/v1/tokens/" + name).then().statusCode(204);

        with(text).get("/api/v1/projects").then().statusCode(401).body("code", equalTo("UNAUTHENTICATED"));
        administrator()
                .delete("/api/v1/tokens/" + name)
                .then()
                .statusCode(404)
                .body("code", equalTo("TOKEN_NOT_FOUND"));
        create(TokenMode.ADMINISTRATOR, name, "VIEWER", null).then().statusCode(201);
        assertEquals(
                List.of("token.create", "token.revoke", "token.create"), jdbi.withHandle(handle -> handle.createQuery(
                                "select action from audit where subject = :name order by id")
                        .bind("name", name)
                        .mapTo(String.class)
                        .list()));
    }

    @Test
    void anEventTellsTheOtherServicesOfACreationAndARevocation() throws Exception {
        String project = project();
        Response created = create("ENGINEER", project);
        String id = created.path("id");
        administrator().delete("/api/v1/tokens/" + id).then().statusCode(204);

        List<ConsumerRecord<String, byte[]>> records = TopicReader.read(
                ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class),
                "loupe.datasets",
                read -> read.stream().filter(one -> id.equals(one.key())).count() == 2);

        List<ConsumerRecord<String, byte[]>> own =
                records.stream().filter(one -> id.equals(one.key())).toList();
        ApiTokenChanged first = ApiTokenChanged.parseFrom(own.get(0).value());
        ApiTokenChanged second = ApiTokenChanged.parseFrom(own.get(1).value());
        assertEquals(project, first.getProjectId());
        assertEquals("ENGINEER", first.getRole());
        assertEquals(TokenText.sha256(created.path("token")), first.getSha256());
        assertEquals(0, first.getRevokedAt());
        assertEquals(first.getRevision() + 1, second.getRevision());
        assertEquals(true, second.getRevokedAt() > 0);
    }

    @Test
    void anAdministratorOfAProjectGivesTokensForItAlone() {
        String own = project();
        String other = project();
        String administrator = token("ADMIN", own);

        create(administrator, "t-" + UUID.randomUUID(), "ADMIN", own).then().statusCode(201);
        create(administrator, "t-" + UUID.randomUUID(), "VIEWER", other)
                .then()
                .statusCode(404)
                .body("code", equalTo("PROJECT_NOT_FOUND"));
        create(administrator, "t-" + UUID.randomUUID(), "VIEWER", null)
                .then()
                .statusCode(403)
                .body("code", equalTo("PERMISSION_DENIED"));
        with(administrator)
                .get("/api/v1/tokens?project=" + own)
                .then()
                .statusCode(200)
                .body("items.projectId.unique()", contains(own));
    }

    @Test
    void aListShowsOnlyTheProjectsOfTheToken() {
        String own = project();
        String other = project();

        with(token("VIEWER", own))
                .get("/api/v1/projects?limit=1000")
                .then()
                .statusCode(200)
                .body("items.id", contains(own));
        with(token("VIEWER", null))
                .get("/api/v1/projects?limit=1000")
                .then()
                .statusCode(200)
                .body("items.id", hasItems(own, other));
    }

    @Test
    void theAuditLogNamesTheToken() {
        String name = "t-" + UUID.randomUUID();
        String text = create(TokenMode.ADMINISTRATOR, name, "ENGINEER", null).path("token");
        String project = "p-" + UUID.randomUUID();

        with(text)
                .body(Map.of("name", project, "task", "CLASSIFICATION"))
                .post("/api/v1/projects")
                .then()
                .statusCode(201);

        assertEquals("token:" + name, jdbi.withHandle(handle -> handle.createQuery(
                        "select actor from audit where subject = :project")
                .bind("project", project)
                .mapTo(String.class)
                .one()));
    }

    @Test
    void anAdministratorOfAProjectReadsItsAuditLogAlone() {
        String own = project();
        String other = project();
        String name = "t-" + UUID.randomUUID();
        String administrator =
                create(TokenMode.ADMINISTRATOR, name, "ADMIN", own).path("token");
        setMember(administrator, own, "PERSON", "ann", "VIEWER").then().statusCode(200);
        setMember(administrator, own, "PERSON", "ann", "LABELLER").then().statusCode(200);

        for (String query : List.of("", "?project=" + own)) {
            with(administrator)
                    .get(AUDIT + query)
                    .then()
                    .statusCode(200)
                    .body(
                            "items.projectId.unique()",
                            contains(own),
                            "items.action",
                            contains("member.set", "member.set", "token.create", "project.create"),
                            "items[0].actor",
                            equalTo("token:" + name),
                            "items[0].onBehalfOf",
                            equalTo("bootstrap-admin"),
                            "items[0].before.role",
                            equalTo("VIEWER"),
                            "items[0].after.role",
                            equalTo("LABELLER"));
        }
        String export = with(administrator)
                .get(AUDIT + "/export")
                .then()
                .statusCode(200)
                .extract()
                .asString();
        assertEquals(4, export.lines().count());
        assertFalse(export.contains(other), export);
        with(administrator).get(AUDIT + "?project=" + other).then().statusCode(404);
        with(administrator).get(AUDIT + "/verification").then().statusCode(403);
        with(token("APPROVER", own)).get(AUDIT).then().statusCode(403);
        administrator()
                .get(AUDIT + "?project=" + other)
                .then()
                .statusCode(200)
                .body("items.action", contains("project.create"));
        administrator().get(AUDIT + "/verification").then().statusCode(200).body("valid", equalTo(true));
    }

    private static Response setMember(String administrator, String project, String kind, String name, String role) {
        return with(administrator)
                .body(Map.of("kind", kind, "name", name, "role", role))
                .post("/api/v1/projects/" + project + "/members");
    }

    private static Response removeMember(String administrator, String project, String kind, String name) {
        return with(administrator)
                .queryParam("kind", kind)
                .queryParam("name", name)
                .delete("/api/v1/projects/" + project + "/members");
    }

    @Test
    void anEventTellsTheOtherServicesOfAllMembersOfAProject() throws Exception {
        String project = project();
        setMember(TokenMode.ADMINISTRATOR, project, "PERSON", "ann", "LABELLER")
                .then()
                .statusCode(200)
                .body("name", equalTo("ann"), "role", equalTo("LABELLER"));
        setMember(TokenMode.ADMINISTRATOR, project, "GROUP", "/line 2", "VIEWER")
                .then()
                .statusCode(200);
        setMember(TokenMode.ADMINISTRATOR, project, "PERSON", "ann", "ADMIN")
                .then()
                .statusCode(200);
        administrator()
                .get("/api/v1/projects/" + project + "/members")
                .then()
                .statusCode(200)
                .body(
                        "items.kind", contains("GROUP", "PERSON"),
                        "items.name", contains("/line 2", "ann"),
                        "items.role", contains("VIEWER", "ADMIN"));
        removeMember(TokenMode.ADMINISTRATOR, project, "GROUP", "/line 2")
                .then()
                .statusCode(204);

        List<ConsumerRecord<String, byte[]>> records = TopicReader.read(
                ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class),
                "loupe.datasets",
                read -> read.stream().filter(one -> project.equals(one.key())).count() == 4);

        ProjectMembersChanged last = ProjectMembersChanged.parseFrom(records.stream()
                .filter(one -> project.equals(one.key()))
                .toList()
                .getLast()
                .value());
        assertEquals(4, last.getRevision());
        assertEquals(1, last.getMembersCount());
        assertEquals("ann", last.getMembers(0).getName());
        assertEquals("ADMIN", last.getMembers(0).getRole());
    }

    private int rows(String table, String project) {
        return jdbi.withHandle(handle -> handle.createQuery("select count(*) from " + table + " where project_id = :id")
                .bind("id", UUID.fromString(project))
                .mapTo(Integer.class)
                .one());
    }

    @Test
    void aChangeThatIsRefusedChangesNothing() {
        String project = project();

        removeMember(TokenMode.ADMINISTRATOR, project, "PERSON", "ann")
                .then()
                .statusCode(404)
                .body("code", equalTo("MEMBER_NOT_FOUND"));
        removeMember(TokenMode.ADMINISTRATOR, project, "ROBOT", "ann")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
        administrator()
                .delete("/api/v1/projects/" + project + "/members")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
        for (String name : List.of("token:ann", "bootstrap-admin", " ann", "a".repeat(101))) {
            setMember(TokenMode.ADMINISTRATOR, project, "PERSON", name, "VIEWER")
                    .then()
                    .statusCode(400)
                    .body("code", equalTo("INVALID_REQUEST"));
        }
        setMember(TokenMode.ADMINISTRATOR, project, "GROUP", "g".repeat(201), "VIEWER")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
        setMember(TokenMode.ADMINISTRATOR, project, "GROUP", "g", "OWNER")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
        setMember(TokenMode.ADMINISTRATOR, UUID.randomUUID().toString(), "PERSON", "ann", "VIEWER")
                .then()
                .statusCode(404)
                .body("code", equalTo("PROJECT_NOT_FOUND"));

        assertEquals(0, rows("project_members_revision", project));
    }

    @Test
    void anAdministratorOfAProjectCannotTakeItsLastAdministrator() {
        String project = project();
        String own = token("ADMIN", project);
        setMember(own, project, "PERSON", "ann", "VIEWER").then().statusCode(200);
        setMember(own, project, "PERSON", "ann", "ADMIN").then().statusCode(200);

        setMember(own, project, "PERSON", "ann", "APPROVER")
                .then()
                .statusCode(409)
                .body("code", equalTo("LAST_PROJECT_ADMIN"));
        removeMember(own, project, "PERSON", "ann").then().statusCode(409).body("code", equalTo("LAST_PROJECT_ADMIN"));
        with(own)
                .get("/api/v1/projects/" + project + "/members")
                .then()
                .body("items.name", contains("ann"), "items.role", contains("ADMIN"));

        setMember(own, project, "GROUP", "leads", "ADMIN").then().statusCode(200);
        removeMember(own, project, "PERSON", "ann").then().statusCode(204);
        removeMember(own, project, "GROUP", "leads").then().statusCode(409);
        removeMember(TokenMode.ADMINISTRATOR, project, "GROUP", "leads").then().statusCode(204);
    }

    @Test
    void aDeletedProjectHasNoMembers() {
        String project = project();
        setMember(TokenMode.ADMINISTRATOR, project, "PERSON", "ann", "VIEWER")
                .then()
                .statusCode(200);

        String name = administrator().get("/api/v1/projects/" + project).path("name");
        administrator()
                .delete("/api/v1/projects/" + project + "?confirm=" + name)
                .then()
                .statusCode(204);

        administrator()
                .get("/api/v1/projects/" + project + "/members")
                .then()
                .statusCode(404)
                .body("code", equalTo("PROJECT_NOT_FOUND"));
        assertEquals(0, rows("project_member", project));
    }

    @Test
    void aCallerLearnsWhoItIs() {
        String project = project();

        with(token("LABELLER", project))
                .get("/api/v1/caller")
                .then()
                .statusCode(200)
                .body(
                        "kind", equalTo("TOKEN"),
                        "role", nullValue(),
                        "projects", equalTo(Map.of(project, "LABELLER")),
                        "onBehalfOf", equalTo("bootstrap-admin"),
                        "mode", equalTo("TOKEN"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"role\": \"VIEWER\"}",
                "{\"name\": \"x\"}",
                "{\"name\": \"x\", \"role\": \"OWNER\"}",
                "{\"name\": \"Ann O'Neil\", \"role\": \"VIEWER\"}",
                "{\"name\": \"x\", \"role\": \"VIEWER\", \"expiresInDays\": 0}",
                "{\"name\": \"x\", \"role\": \"VIEWER\", \"expiresInDays\": 3651}"
            })
    void refusesATokenThatIsNotWellDefined(String body) {
        administrator()
                .body(body)
                .post("/api/v1/tokens")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
    }
}
