package dev.loupe.inference;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.events.v1.AliasMoved;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class ApprovalIT {
    @Inject
    TestClient client;

    @Inject
    Jdbi jdbi;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    @TempDir
    Path folder;

    /** A project with versions of these accuracies, whose policy expects approvals. */
    private Project project(double... accuracies) {
        Project project = Project.of(Task.CLASSIFICATION);
        for (int n = 1; n <= accuracies.length; n++) {
            client.publish(
                    project,
                    n,
                    "READY",
                    SmallModels.classifier(folder.resolve(project.name() + "-" + n), n, List.of("red", "blue")),
                    accuracies[n - 1]);
        }
        approvals(project, true);
        return project;
    }

    private static void approvals(Project project, boolean necessary) {
        given().contentType(ContentType.JSON)
                .body(Map.of("approval", necessary))
                .put("/api/v1/models/{p}/promotion-policy", project.name())
                .then()
                .statusCode(200);
    }

    private static Response request(Project project, String actor, Map<String, ?> body) {
        return given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", actor)
                .body(body)
                .post("/api/v1/models/{p}/promotions", project.name());
    }

    private static Response decide(Project project, int number, String decision, String actor, String comment) {
        return given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", actor)
                .body(Map.of("comment", comment))
                .post("/api/v1/models/{p}/promotions/{n}/{d}", project.name(), number, decision);
    }

    private static List<Integer> history(Project project) {
        return given().get("/api/v1/models/{p}/aliases/production/history", project.name())
                .path("items.version");
    }

    @Test
    void anotherPersonThanTheAuthorApprovesAndTheAliasMoves() {
        Project project = project(0.9);
        client.promote(project, "production", Map.of("version", 1))
                .then()
                .statusCode(409)
                .body("code", equalTo("APPROVAL_REQUIRED"), "detail", containsString("/promotions"));
        client.promote(project, "production", Map.of("version", 1, "force", true, "reason", "no time"))
                .then()
                .statusCode(409)
                .body("code", equalTo("APPROVAL_REQUIRED"));
        request(project, "anna", Map.of("alias", "production", "version", 1, "reason", "the first"))
                .then()
                .statusCode(201)
                .body("number", equalTo(1), "state", equalTo("PENDING"), "actor", equalTo("anna"))
                .body("generation", nullValue());
        given().get("/api/v1/models/{p}/aliases/production", project.name())
                .then()
                .statusCode(404);
        given().get("/api/v1/models/{p}/promotions?state=PENDING", project.name())
                .then()
                .body("items.number", equalTo(List.of(1)));

        for (String author : List.of("anna", "Anna")) {
            decide(project, 1, "approve", author, "fine")
                    .then()
                    .statusCode(403)
                    .contentType("application/problem+json")
                    .body("code", equalTo("SELF_APPROVAL_REFUSED"), "detail", containsString("'anna'"));
        }
        decide(project, 1, "reject", "anna", "no")
                .then()
                .statusCode(403)
                .body("code", equalTo("SELF_APPROVAL_REFUSED"));

        decide(project, 1, "approve", "bert", "looks good")
                .then()
                .statusCode(200)
                .body("state", equalTo("APPROVED"), "decidedBy", equalTo("bert"), "generation", equalTo(1))
                .body("comment", equalTo("looks good"));
        given().get("/api/v1/models/{p}/aliases/production/history", project.name())
                .then()
                .body("items", hasSize(1))
                .body("items[0].actor", equalTo("anna"), "items[0].approvedBy", equalTo("bert"))
                .body("items[0].reason", equalTo("the first"));
        decide(project, 1, "approve", "bert", "once more")
                .then()
                .statusCode(409)
                .body("code", equalTo("PROMOTION_REQUEST_CLOSED"));
        assertEquals(List.of("promotion.request", "promotion.approve"), audited(project));
        assertEquals("bert", moved(project).getApprovedBy());
        assertEquals("the first", moved(project).getReason());
    }

    private List<String> audited(Project project) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select action from audit where subject = :subject order by id")
                        .bind("subject", "models/" + project.name() + "/promotions/1")
                        .mapTo(String.class)
                        .list());
    }

    private AliasMoved moved(Project project) {
        return TopicReader.read(
                        brokers, "loupe.models", all -> all.stream().anyMatch(record -> isMove(project, record)))
                .stream()
                .filter(record -> isMove(project, record))
                .map(record -> {
                    try {
                        return AliasMoved.parseFrom(record.value());
                    } catch (InvalidProtocolBufferException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .findFirst()
                .orElseThrow();
    }

    private static boolean isMove(Project project, ConsumerRecord<String, byte[]> record) {
        return record.key().equals(project.id().toString())
                && TopicReader.type(record).equals("dev.loupe.alias-moved.v1");
    }

    @Test
    void aRejectedRequestMovesNothing() {
        Project project = project(0.9);
        request(project, "anna", Map.of("alias", "production", "version", 1))
                .then()
                .statusCode(201);
        decide(project, 1, "reject", "bert", " ").then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        decide(project, 1, "reject", "bert", "too few images")
                .then()
                .statusCode(200)
                .body("state", equalTo("REJECTED"), "comment", equalTo("too few images"));
        decide(project, 1, "approve", "carl", "fine")
                .then()
                .statusCode(409)
                .body("code", equalTo("PROMOTION_REQUEST_CLOSED"));
        given().get("/api/v1/models/{p}/aliases/production", project.name())
                .then()
                .statusCode(404);
        decide(project, 9, "approve", "carl", "fine")
                .then()
                .statusCode(404)
                .body("code", equalTo("PROMOTION_REQUEST_NOT_FOUND"));
    }

    @Test
    void racingApprovalsOfTwoRequestsMoveTheAliasOnce() throws Exception {
        Project project = project(0.9, 0.9);
        request(project, "anna", Map.of("alias", "production", "version", 1))
                .then()
                .statusCode(201);
        request(project, "anna", Map.of("alias", "production", "version", 2))
                .then()
                .statusCode(201);
        List<Integer> statuses = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int number = 1 + i % 2;
                answers.add(threads.submit(
                        () -> decide(project, number, "approve", "bert", "fine").statusCode()));
            }
            for (Future<Integer> answer : answers) {
                statuses.add(answer.get());
            }
        }
        assertEquals(1, statuses.stream().filter(status -> status == 200).count(), statuses.toString());
        assertEquals(5, statuses.stream().filter(status -> status == 409).count(), statuses.toString());
        assertEquals(1, history(project).size());
        List<String> states =
                given().get("/api/v1/models/{p}/promotions", project.name()).path("items.state");
        assertEquals(List.of("APPROVED", "SUPERSEDED"), states.stream().sorted().toList());
    }

    @Test
    void aRequestIsSupersededWhenTheAliasMoves() {
        Project project = project(0.9, 0.9);
        request(project, "anna", Map.of("alias", "production", "version", 2))
                .then()
                .statusCode(201);
        approvals(project, false);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        decide(project, 1, "approve", "bert", "fine")
                .then()
                .statusCode(409)
                .body("code", equalTo("PROMOTION_REQUEST_CLOSED"), "detail", containsString("SUPERSEDED"));
        assertEquals(List.of(1), history(project));
    }

    @Test
    void anExpiredRequestIsNotApproved() {
        Project project = project(0.9);
        request(project, "anna", Map.of("alias", "production", "version", 1))
                .then()
                .statusCode(201);
        jdbi.useHandle(handle -> handle.execute(
                "update approval_request set expires_at = now() - interval '1 second' where project_id = ?",
                project.id()));
        decide(project, 1, "approve", "bert", "fine")
                .then()
                .statusCode(409)
                .body("code", equalTo("PROMOTION_REQUEST_CLOSED"), "detail", containsString("EXPIRED"));
        given().get("/api/v1/models/{p}/promotions/1", project.name()).then().body("state", equalTo("EXPIRED"));
    }

    @Test
    void checksAreMadeOnceMoreWhenARequestIsApproved() {
        Project project = project(0.9);
        request(project, "anna", Map.of("alias", "production", "version", 1))
                .then()
                .statusCode(201);
        given().contentType(ContentType.JSON)
                .body(Map.of("approval", true, "metricFloors", Map.of("accuracy", 0.95)))
                .put("/api/v1/models/{p}/promotion-policy", project.name())
                .then()
                .statusCode(200);
        decide(project, 1, "approve", "bert", "fine")
                .then()
                .statusCode(409)
                .body("code", equalTo("GATE_FAILED"), "checks[0].found", equalTo("0.9000"));
        given().get("/api/v1/models/{p}/promotions/1", project.name()).then().body("state", equalTo("PENDING"));
        request(project, "anna", Map.of("alias", "production", "version", 1))
                .then()
                .statusCode(409)
                .body("code", equalTo("GATE_FAILED"));
        request(project, "anna", Map.of("alias", "production", "version", 1, "force", true))
                .then()
                .statusCode(422)
                .body("code", equalTo("REASON_REQUIRED"));
    }

    @Test
    void withoutApprovalsInThePolicyARequestIsPromotedAtOnce() {
        Project project = project(0.9);
        approvals(project, false);
        request(project, "anna", Map.of("alias", "production", "version", 1))
                .then()
                .statusCode(201)
                .body("state", equalTo("APPROVED"), "generation", equalTo(1), "decidedBy", nullValue());
        assertEquals(List.of(1), history(project));
    }
}
