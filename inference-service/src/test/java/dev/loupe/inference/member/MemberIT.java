package dev.loupe.inference.member;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.events.v1.ProjectMember;
import dev.loupe.events.v1.ProjectMembersChanged;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.InferenceTestResource;
import dev.loupe.inference.SmallModels;
import dev.loupe.inference.TestClient;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.loupe.oip.v2.ModelReadyRequest;
import dev.loupe.oip.v2.RepositoryModelLoadRequest;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.OidcTestResource;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Persons of a provider, whose roles are in single projects: what they may do over HTTP and over gRPC. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
@QuarkusTestResource(value = OidcTestResource.class, restrictToAnnotatedClass = true)
@TestProfile(MemberIT.Oidc.class)
class MemberIT {
    /** As an installation with a provider is configured. */
    public static final class Oidc implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "loupe.auth.mode", "oidc",
                    "loupe.auth.insecure", "false",
                    "loupe.auth.oidc.audience", "loupe");
        }
    }

    @Inject
    TestClient client;

    @Inject
    Jdbi jdbi;

    @TempDir
    Path folder;

    @ConfigProperty(name = "loupe.auth.oidc.issuer")
    String issuer;

    private Project own;
    private Project other;

    @BeforeEach
    void publishTwoModels() {
        own = published("own");
        other = published("other");
    }

    private Project published(String name) {
        Project project = Project.of(Task.CLASSIFICATION);
        client.send(client.upload(
                project, SmallModels.classifier(folder.resolve(name), 1, List.of("red", "blue")), 0.9, "test"));
        await().atMost(TestClient.PATIENCE)
                .until(
                        () -> with(token("root", "loupe-admin"))
                                .get("/api/v1/models/{p}/versions/1", project.name())
                                .path("state"),
                        "READY"::equals);
        return project;
    }

    private String token(String person, String role) {
        long now = Instant.now().getEpochSecond();
        return given().relaxedHTTPSValidation()
                .body("""
                        {"iss": "%s", "aud": "loupe", "sub": "7b1c", "preferred_username": "%s", "roles": ["%s"],
                         "groups": ["/line-2"], "iat": %d, "exp": %d}""".formatted(issuer, person, role, now, now + 300))
                .post(issuer + "/sign?key=current")
                .asString();
    }

    private static RequestSpecification with(String token) {
        return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON);
    }

    private GRPCInferenceServiceBlockingStub grpc(String token) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        return client.open().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private static ModelReadyRequest ready(Project project) {
        return ModelReadyRequest.newBuilder().setName(project.name()).build();
    }

    private static void refused(String code, Executable call) {
        assertEquals(code, TestClient.reason(assertThrows(StatusRuntimeException.class, call)));
    }

    private void announce(Project project, long revision, ProjectMember... members) {
        client.send(ProjectMembersChanged.newBuilder()
                .setProjectId(project.id().toString())
                .setRevision(revision)
                .addAllMembers(List.of(members))
                .build());
    }

    private static ProjectMember member(String kind, String name, String role) {
        return ProjectMember.newBuilder()
                .setKind(kind)
                .setName(name)
                .setRole(role)
                .build();
    }

    private static void awaitStatus(String token, String path, int status) {
        await().atMost(TestClient.PATIENCE).until(() -> with(token).get(path).statusCode() == status);
    }

    @Test
    void aMembershipCountsFromItsEventUntilItIsTakenBack() {
        String ann = token("ann-" + own.name(), "other");
        String path = "/v2/models/" + own.name() + "/versions/1/ready";
        with(ann).get(path).then().statusCode(404).body("code", equalTo("MODEL_NOT_FOUND"));
        refused("PERMISSION_DENIED", () -> grpc(ann).modelReady(ready(own))); // a role in no project

        announce(own, 1, member("PERSON", "ann-" + own.name(), "VIEWER"));

        awaitStatus(ann, path, 200);
        assertTrue(grpc(ann)
                .modelReady(ready(own).toBuilder().setVersion("1").build())
                .getReady());
        announce(own, 2);
        awaitStatus(ann, path, 404);
        refused("PERMISSION_DENIED", () -> grpc(ann).modelReady(ready(own)));
    }

    @Test
    void aProjectOfOthersLooksAsIfItDidNotExist() {
        String ann = token("ann-" + own.name(), "other");
        announce(own, 1, member("PERSON", "ann-" + own.name(), "VIEWER"));
        awaitStatus(ann, "/v2/models/" + own.name() + "/versions/1/ready", 200);

        for (String path : List.of("/api/v1/models/%s/versions", "/v2/models/%s/ready", "/v2/models/%s/versions/1")) {
            with(ann).get(path.formatted(other.name())).then().statusCode(404).body("code", equalTo("MODEL_NOT_FOUND"));
        }
        refused("MODEL_NOT_FOUND", () -> grpc(ann).modelReady(ready(other)));
        with(ann).get("/api/v1/models?limit=1000").then().statusCode(200).body("items.name", contains(own.name()));
        refused("PERMISSION_DENIED", () -> grpc(ann)
                .repositoryModelLoad(RepositoryModelLoadRequest.newBuilder()
                        .setModelName(own.name())
                        .build()));
    }

    @Test
    void aGroupIsAMember() {
        String bob = token("bob-" + own.name(), "other");
        announce(own, 1, member("GROUP", "/line-2", "VIEWER"));

        awaitStatus(bob, "/v2/models/" + own.name() + "/versions/1/ready", 200);
        refused("MODEL_NOT_FOUND", () -> grpc(bob).modelReady(ready(other)));
        announce(own, 2);
        awaitStatus(bob, "/v2/models/" + own.name() + "/versions/1/ready", 404);
    }

    @Test
    void aDeletedProjectHasNoMembers() {
        announce(own, 1, member("PERSON", "carl", "VIEWER"));
        await().atMost(TestClient.PATIENCE).until(() -> members(own.id()) == 1);

        client.send(ProjectChanged.newBuilder()
                .setProjectId(own.id().toString())
                .setName(own.name())
                .setRevision(2)
                .setDeleted(true)
                .build());

        await().atMost(TestClient.PATIENCE).until(() -> members(own.id()) == 0);
    }

    private int members(UUID project) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select count(*) from project_member where project_id = :id")
                        .bind("id", project)
                        .mapTo(Integer.class)
                        .one());
    }
}
