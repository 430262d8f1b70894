package dev.loupe.inference.access;

import static dev.loupe.inference.access.TestTenants.with;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.events.v1.TenantLimitChanged;
import dev.loupe.inference.InferenceTestResource;
import dev.loupe.inference.TestClient;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.oip.v2.ModelReadyRequest;
import dev.loupe.oip.v2.ModelStatisticsRequest;
import dev.loupe.oip.v2.RepositoryIndexRequest;
import dev.loupe.oip.v2.RepositoryIndexResponse.ModelIndex;
import dev.loupe.testing.AccessMatrix;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.RestOperation;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
@TestProfile(TokenMode.class)
class TenantIT {
    private static final Path RULES = Path.of("src/main/resources/access-rules.txt");

    /** Their queries show an operator nothing of other tenants, but in the audit log. */
    private static final Set<String> LISTS =
            Set.of("GET /api/v1/audit/{service}", "GET /api/v1/audit/{service}/export");

    @TestHTTPResource
    URI server;

    @Inject
    TestClient client;

    @Inject
    TestTenants tenants;

    @TempDir
    Path folder;

    private final String acme = "acme-" + UUID.randomUUID().toString().substring(0, 8);
    private final String birch = "birch-" + UUID.randomUUID().toString().substring(0, 8);
    private String ofAcme;
    private String ofBirch;
    private Project hidden;

    @BeforeEach
    void publishAModelOfEachTenant() {
        ofAcme = tenants.administrator(acme);
        ofBirch = tenants.administrator(birch);
        hidden = tenants.published(acme, ofAcme, folder);
        tenants.published(birch, ofBirch, folder);
    }

    @Test
    void noOperationKnowsAModelOfAnotherTenant() throws Exception {
        List<RestOperation> operations =
                RestOperation.of(Path.of("target/classes"), Path.of("../common/service/target/classes"));
        for (String name : List.of(hidden.name(), hidden.id().toString())) {
            AccessMatrix matrix =
                    new AccessMatrix(server, Files.readString(RULES), Map.of("project", name, "model", hidden.name()));

            assertEquals(Set.of(), matrix.shown(operations, ofBirch));
            assertEquals(LISTS, matrix.shown(operations, TokenMode.ADMINISTRATOR));
            assertEquals(matrix.onThings(operations), matrix.shown(operations, ofAcme));
        }
    }

    @Test
    void listsShowTheModelsOfTheTenant() {
        with(ofAcme).get("/api/v1/models").then().statusCode(200).body("items.name", contains(hidden.name()));
        with(TokenMode.ADMINISTRATOR)
                .get("/api/v1/models?limit=1000")
                .then()
                .statusCode(200)
                .body("items.name", not(hasItem(hidden.name())));
        with(ofAcme).post("/v2/repository/index").then().statusCode(200).body("name", contains(hidden.name()));
        with(ofBirch).post("/v2/repository/index").then().statusCode(200).body("name", contains(birch + ".parts"));
        with(ofAcme)
                .get("/v2/models/stats")
                .then()
                .statusCode(200)
                .body("model_stats.name", everyItem(equalTo(hidden.name())));
    }

    @Test
    void grpcShowsTheModelsOfTheTenant() {
        assertEquals(
                List.of(hidden.name()),
                tenants
                        .open(ofAcme)
                        .repositoryIndex(RepositoryIndexRequest.getDefaultInstance())
                        .getModelsList()
                        .stream()
                        .map(ModelIndex::getName)
                        .toList());
        assertEquals(
                List.of(birch + ".parts"),
                tenants
                        .open(ofBirch)
                        .repositoryIndex(RepositoryIndexRequest.getDefaultInstance())
                        .getModelsList()
                        .stream()
                        .map(ModelIndex::getName)
                        .toList());
        assertFalse(tenants
                .open(TokenMode.ADMINISTRATOR)
                .modelStatistics(ModelStatisticsRequest.getDefaultInstance())
                .getModelStatsList()
                .stream()
                .anyMatch(one -> one.getName().equals(hidden.name())));
        assertEquals(
                hidden.name(),
                tenants.open(ofAcme)
                        .modelStatistics(ModelStatisticsRequest.newBuilder()
                                .setName(hidden.name())
                                .setVersion("1")
                                .build())
                        .getModelStats(0)
                        .getName());
    }

    @Test
    void grpcAnswersForAModelOfAnotherTenantAsForNone() {
        StatusRuntimeException missing = refusal(ofBirch, "nothing");
        for (String token : List.of(ofBirch, TokenMode.ADMINISTRATOR)) {
            StatusRuntimeException refused = refusal(token, hidden.name());

            assertEquals(Status.Code.NOT_FOUND, refused.getStatus().getCode());
            assertEquals(
                    missing.getStatus().getDescription().replace("nothing", hidden.name()),
                    refused.getStatus().getDescription());
        }
    }

    @Test
    void anEventLimitsTheRequestsOfATenantOverHttpAndGrpc() {
        String ready = "/v2/models/%s.parts/versions/1/ready";
        TenantLimitChanged limit = TenantLimitChanged.newBuilder()
                .setTenant(acme)
                .setRequestsPerSecond(0.001)
                .setRevision(1)
                .build();

        client.send(limit);
        await().atMost(TestClient.PATIENCE)
                .until(() -> with(ofAcme).get(ready.formatted(acme)).statusCode() == 429);
        StatusRuntimeException refused = refusal(ofAcme, acme + ".parts");
        Response overHttp = with(ofAcme).get(ready.formatted(acme));
        for (int i = 0; i < 3; i++) {
            with(ofBirch).get(ready.formatted(birch)).then().statusCode(200);
            assertTrue(tenants.open(ofBirch)
                    .modelReady(ModelReadyRequest.newBuilder()
                            .setName(birch + ".parts")
                            .setVersion("1")
                            .build())
                    .getReady());
        }
        client.send(limit.toBuilder().setRequestsPerSecond(0).setRevision(2).build());
        await().atMost(TestClient.PATIENCE)
                .until(() -> with(ofAcme).get(ready.formatted(acme)).statusCode() == 200);

        assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
        assertEquals("RATE_LIMITED", TestClient.reason(refused));
        overHttp.then().statusCode(429).header("Retry-After", matchesPattern("[1-9][0-9]*"));
    }

    private StatusRuntimeException refusal(String token, String model) {
        return assertThrows(StatusRuntimeException.class, () -> tenants.open(token)
                .modelReady(ModelReadyRequest.newBuilder().setName(model).build()));
    }
}
