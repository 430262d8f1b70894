package dev.loupe.inference.access;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.events.v1.ApiTokenChanged;
import dev.loupe.events.v1.RequestLimitChanged;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.InferenceTestResource;
import dev.loupe.inference.SmallModels;
import dev.loupe.inference.TestClient;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.inference.v1.InferenceServiceGrpc;
import dev.loupe.inference.v1.ReportOutcomeRequest;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.ModelReadyRequest;
import dev.loupe.oip.v2.ServerLiveRequest;
import dev.loupe.service.access.ApiToken;
import dev.loupe.service.access.Role;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.access.TokenDirectory;
import dev.loupe.service.access.TokenText;
import dev.loupe.testing.AccessMatrix;
import dev.loupe.testing.AccessMatrix.Scope;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.RestOperation;
import grpc.health.v1.HealthGrpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.stub.MetadataUtils;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.awt.Color;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
@TestProfile(TokenMode.class)
class AccessIT {
    private static final Path RULES = Path.of("src/main/resources/access-rules.txt");
    private static final List<ServiceDescriptor> SERVICES = List.of(
            GRPCInferenceServiceGrpc.getServiceDescriptor(),
            InferenceServiceGrpc.getServiceDescriptor(),
            HealthGrpc.getServiceDescriptor(),
            ServerReflectionGrpc.getServiceDescriptor(),
            grpc.reflection.v1alpha.ServerReflectionGrpc.getServiceDescriptor());

    @TestHTTPResource
    URI server;

    @Inject
    TestClient client;

    @Inject
    TokenDirectory directory;

    @TempDir
    Path folder;

    private Project own;
    private Project other;

    @BeforeEach
    void publishTwoModels() {
        await().atMost(TestClient.PATIENCE).ignoreExceptions().until(() -> {
            directory.refresh(); // the tables exist
            return true;
        });
        own = published("own");
        other = published("other");
    }

    private Project published(String name) {
        Project project = Project.of(Task.CLASSIFICATION);
        client.send(client.upload(
                project, SmallModels.classifier(folder.resolve(name), 1, List.of("red", "blue")), 0.9, "test"));
        await().atMost(TestClient.PATIENCE)
                .until(
                        () -> with(TokenMode.ADMINISTRATOR)
                                .get("/api/v1/models/{p}/versions/1", project.name())
                                .path("state"),
                        "READY"::equals);
        return project;
    }

    private static RequestSpecification with(String token) {
        return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON);
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

    private String token(String role, Scope scope) {
        return switch (scope) {
            case EVERYWHERE -> token(Role.valueOf(role), null);
            case OTHER_TENANT -> tokenOf("acme", Role.valueOf(role));
            case OWN -> token(Role.valueOf(role), own.id());
            case OTHER -> token(Role.valueOf(role), other.id());
        };
    }

    @Test
    void everyOperationAnswersEveryCallerAsItsRuleSays() throws Exception {
        AccessMatrix matrix = new AccessMatrix(
                server, Files.readString(RULES), Map.of("project", own.id().toString(), "model", own.name()));
        List<RestOperation> operations =
                RestOperation.of(Path.of("target/classes"), Path.of("../common/service/target/classes"));
        Stream<String> methods = SERVICES.stream()
                .flatMap(service -> service.getMethods().stream())
                .map(method -> "grpc " + method.getFullMethodName());

        assertEquals(
                List.of(), matrix.unmatched(Stream.concat(operations.stream().map(RestOperation::name), methods)));
        assertEquals(Map.of(), matrix.deviations(operations, this::token));
    }

    @Test
    void everyGrpcMethodAnswersEveryCallerAsItsRuleSays() throws Exception {
        Map<String, String> tokens = new LinkedHashMap<>();
        for (Role role : Role.values()) {
            for (Scope scope : Scope.values()) {
                tokens.put(role + " " + scope, token(role.name(), scope));
            }
        }
        Map<String, String> deviations = new LinkedHashMap<>();
        for (String line : Files.readAllLines(RULES)) {
            if (!line.startsWith("grpc ")) {
                continue;
            }
            List<String> words = List.of(line.split(" "));
            List<String> rule = words.subList(2, words.size());
            MethodDescriptor<?, ?> method = SERVICES.stream()
                    .flatMap(service -> service.getMethods().stream())
                    .filter(one -> one.getFullMethodName().equals(words.get(1)))
                    .findFirst()
                    .orElseThrow();
            GrpcProbe probe = new GrpcProbe(client.channel(), method, rule, own.name());
            compare(deviations, method, "no token", rule.equals(List.of("open")) ? "allowed" : "401", probe.call(null));
            compare(
                    deviations,
                    method,
                    "unknown token",
                    rule.equals(List.of("open")) ? "allowed" : "401",
                    probe.call(TokenText.draw()));
            for (Map.Entry<String, String> token : tokens.entrySet()) {
                String[] caller = token.getKey().split(" ");
                // A caller who has the role nowhere is refused before a message arrives.
                int anywhere = AccessMatrix.expected(rule, caller[0], Scope.EVERYWHERE);
                int expected =
                        anywhere == 403 ? anywhere : AccessMatrix.expected(rule, caller[0], Scope.valueOf(caller[1]));
                compare(
                        deviations,
                        method,
                        token.getKey(),
                        expected == AccessMatrix.REACHED ? "allowed" : Integer.toString(expected),
                        probe.call(token.getValue()));
            }
        }
        assertEquals(Map.of(), deviations);
    }

    private static void compare(
            Map<String, String> deviations, MethodDescriptor<?, ?> method, String caller, String expected, String got) {
        if (!got.equals(expected)) {
            deviations.put(method.getFullMethodName() + ", " + caller, "expected " + expected + ", got " + got);
        }
    }

    @Test
    void aModelOfAnotherProjectLooksAsIfItDidNotExist() {
        String token = token(Role.ADMIN, own.id());

        for (String path : List.of("/api/v1/models/%s/versions", "/v2/models/%s/ready", "/v2/models/%s/versions/1")) {
            String missing = with(token)
                    .get(path.formatted("nothing"))
                    .then()
                    .statusCode(404)
                    .extract()
                    .asString();
            String hidden = with(token)
                    .get(path.formatted(other.name()))
                    .then()
                    .statusCode(404)
                    .extract()
                    .asString();
            assertEquals(missing.replace("nothing", other.name()), hidden);
        }
    }

    @Test
    void aListShowsOnlyTheModelsOfTheToken() {
        with(token(Role.VIEWER, own.id()))
                .get("/api/v1/models?limit=1000")
                .then()
                .statusCode(200)
                .body("items.name", contains(own.name()));
    }

    @Test
    void aGrpcCallWithoutATokenIsUnauthenticated() {
        StatusRuntimeException refusal = assertThrows(StatusRuntimeException.class, () -> client.open()
                .modelReady(ModelReadyRequest.newBuilder().setName(own.name()).build()));

        assertEquals("UNAUTHENTICATED", TestClient.reason(refusal));
        assertEquals(
                true,
                client.open().serverLive(ServerLiveRequest.getDefaultInstance()).getLive());
    }

    @Test
    void anOutcomeThatIsReportedOverGrpcIsOfTheToken() {
        String admin = TokenMode.ADMINISTRATOR;
        with(admin)
                .body(Map.of("mode", "FULL"))
                .put("/api/v1/models/{p}/prediction-log", own.name())
                .then()
                .statusCode(200);
        String id = given().header("Authorization", "Bearer " + admin)
                .body(SmallModels.png(Color.RED))
                .post("/api/v1/models/{p}/predict?version=1", own.name())
                .then()
                .statusCode(200)
                .extract()
                .path("predictionId");
        String prediction = "/api/v1/models/" + own.name() + "/predictions/" + id;
        await().atMost(TestClient.PATIENCE)
                .until(() -> with(admin).get(prediction).statusCode() == 200);
        Metadata headers = new Metadata();
        headers.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                "Bearer " + token(Role.LABELLER, own.id()));

        client.typed()
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .reportOutcome(ReportOutcomeRequest.newBuilder()
                        .setModel(own.name())
                        .setPredictionId(id)
                        .setLabel("red")
                        .build());

        with(admin).get(prediction).then().body("outcome", equalTo("red"), "outcomeActor", startsWith("token:t-"));
    }

    @Test
    void anEventLimitsTheRequestsToAProjectOverHttpAndGrpc() {
        String path = "/v2/models/" + own.name() + "/ready";
        RequestLimitChanged limit = RequestLimitChanged.newBuilder()
                .setId(own.id().toString())
                .setKind("PROJECT")
                .setRequestsPerSecond(0.001)
                .setRevision(1)
                .build();
        Metadata headers = new Metadata();
        headers.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                "Bearer " + TokenMode.ADMINISTRATOR);

        client.send(limit);
        await().atMost(TestClient.PATIENCE)
                .until(() -> with(TokenMode.ADMINISTRATOR).get(path).statusCode() == 429);
        StatusRuntimeException refusal = assertThrows(StatusRuntimeException.class, () -> client.open()
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .modelReady(ModelReadyRequest.newBuilder().setName(own.name()).build()));
        with(TokenMode.ADMINISTRATOR)
                .get("/v2/models/" + other.name() + "/ready")
                .then()
                .statusCode(not(equalTo(429)));
        client.send(limit.toBuilder().setRequestsPerSecond(0).setRevision(2).build());
        await().atMost(TestClient.PATIENCE)
                .until(() -> with(TokenMode.ADMINISTRATOR).get(path).statusCode() != 429);

        assertEquals(Status.Code.RESOURCE_EXHAUSTED, refusal.getStatus().getCode());
        assertEquals("RATE_LIMITED", TestClient.reason(refusal));
    }

    @Test
    void anEventMakesATokenValidAndInvalid() {
        String text = TokenText.draw();
        String path = "/v2/models/" + own.name() + "/ready";
        with(text).get(path).then().statusCode(401).body("code", equalTo("UNAUTHENTICATED"));
        ApiTokenChanged created = ApiTokenChanged.newBuilder()
                .setId(UUID.randomUUID().toString())
                .setName("camera")
                .setSha256(TokenText.sha256(text))
                .setRole("VIEWER")
                .setProjectId(own.id().toString())
                .setCreatedBy("ann")
                .setCreatedAt(System.currentTimeMillis())
                .setExpiresAt(System.currentTimeMillis() + Duration.ofHours(1).toMillis())
                .setRevision(1)
                .build();

        client.send(created);
        await().atMost(TestClient.PATIENCE).until(() -> with(text).get(path).statusCode() != 401);
        client.send(created.toBuilder()
                .setRevokedAt(System.currentTimeMillis())
                .setRevision(2)
                .build());
        await().atMost(TestClient.PATIENCE).until(() -> with(text).get(path).statusCode() == 401);
    }
}
