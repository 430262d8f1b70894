package dev.loupe.inference.access;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import dev.loupe.events.v1.Task;
import dev.loupe.inference.SmallModels;
import dev.loupe.inference.TestClient;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.loupe.service.access.ApiToken;
import dev.loupe.service.access.Role;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.access.TokenDirectory;
import dev.loupe.service.access.TokenText;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** What tests of several tenants need of each: a token of its administrator, and a model. */
@ApplicationScoped
class TestTenants {
    private final TestClient client;
    private final TokenDirectory directory;

    TestTenants(TestClient client, TokenDirectory directory) {
        this.client = client;
        this.directory = directory;
    }

    /** A token of an administrator of the tenant. */
    String administrator(String tenant) {
        await().atMost(TestClient.PATIENCE).ignoreExceptions().until(() -> {
            directory.refresh(); // the tables exist
            return true;
        });
        String text = TokenText.draw();
        QuarkusTransaction.requiringNew()
                .run(() -> directory.apply(new ApiToken(
                        UUID.randomUUID(),
                        tenant + "/admin",
                        TokenText.sha256(text),
                        Role.ADMIN,
                        Tenant.allProjects(tenant),
                        "ann",
                        Instant.now(),
                        null,
                        null,
                        1)));
        directory.refreshIfStale();
        return text;
    }

    /** A classifier of the tenant, which is ready. */
    Project published(String tenant, String token, Path folder) {
        Project project = new Project(UUID.randomUUID(), tenant + ".parts", Task.CLASSIFICATION);
        client.send(client.upload(
                project, SmallModels.classifier(folder.resolve(tenant), 1, List.of("red", "blue")), 0.9, "test"));
        await().atMost(TestClient.PATIENCE)
                .until(
                        () -> with(token)
                                .get("/api/v1/models/{p}/versions/1", project.name())
                                .path("state"),
                        "READY"::equals);
        return project;
    }

    static RequestSpecification with(String token) {
        return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON);
    }

    GRPCInferenceServiceBlockingStub open(String token) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        return client.open().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }
}
