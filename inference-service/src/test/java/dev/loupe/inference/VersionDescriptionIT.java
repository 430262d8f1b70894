package dev.loupe.inference;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.testing.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class VersionDescriptionIT {
    @Inject
    TestClient client;

    @Inject
    Jdbi jdbi;

    @TempDir
    Path folder;

    private Project project() {
        Project project = Project.of(Task.CLASSIFICATION);
        client.publish(
                project, 1, "READY", SmallModels.classifier(folder.resolve("1"), 1, List.of("red", "blue")), 0.9);
        return project;
    }

    private static Response change(Project project, int version, String ifMatch, Map<String, ?> body) {
        RequestSpecification request = given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "anna")
                .body(body);
        return (ifMatch == null ? request : request.header("If-Match", ifMatch))
                .patch("/api/v1/models/{p}/versions/{n}", project.name(), version);
    }

    @Test
    void descriptionOwnerAndTagsChangeByCompareAndSetAndAreAudited() {
        Project project = project();
        client.version(project, 1)
                .then()
                .header("ETag", equalTo("\"0\""))
                .body("revision", equalTo(0), "tags", equalTo(List.of()), "owner", nullValue());
        change(project, 1, "\"0\"", Map.of("description", "finds hairs", "tags", List.of("summer", "line-2", "summer")))
                .then()
                .statusCode(200)
                .header("ETag", equalTo("\"1\""))
                .body("description", equalTo("finds hairs"), "tags", equalTo(List.of("line-2", "summer")))
                .body("runId", equalTo(client.version(project, 1).path("runId")));
        change(project, 1, "\"0\"", Map.of("owner", "bert"))
                .then()
                .statusCode(409)
                .body("code", equalTo("STALE_REVISION"), "detail", containsString("expected revision 0"));
        change(project, 1, null, Map.of("owner", "bert", "description", ""))
                .then()
                .statusCode(200)
                .body("owner", equalTo("bert"), "description", nullValue())
                .body("tags", equalTo(List.of("line-2", "summer")));
        given().get("/api/v1/models/{p}/versions", project.name())
                .then()
                .body("items[0].owner", equalTo("bert"), "items[0].revision", equalTo(2));
        assertEquals(List.of("anna", "anna"), jdbi.withHandle(handle -> handle.createQuery(
                        "select actor from audit where subject = :subject")
                .bind("subject", "models/" + project.name() + "/versions/1")
                .mapTo(String.class)
                .list()));
    }

    @Test
    void namesTheInvalidFieldOfAChange() {
        Project project = project();
        change(project, 9, null, Map.of("owner", "bert"))
                .then()
                .statusCode(404)
                .body("code", equalTo("MODEL_VERSION_NOT_FOUND"));
        change(project, 1, null, Map.of("tags", List.of("a b")))
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"), "detail", containsString("'a b'"));
        change(project, 1, null, Map.of("owner", "x".repeat(101))).then().statusCode(400);
        change(project, 1, null, Map.of("colour", "red")).then().statusCode(400);
    }
}
