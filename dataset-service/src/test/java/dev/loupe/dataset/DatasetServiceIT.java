package dev.loupe.dataset;

import static io.restassured.RestAssured.given;

import dev.loupe.devstack.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** What the tests of the whole service share: one start of it, on real servers, and the requests that all of them make. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "dataset"))
public abstract class DatasetServiceIT {
    private static final AtomicInteger PROJECTS = new AtomicInteger();

    /** The path of a new project. */
    protected static String project(String task) {
        String name = "project-" + PROJECTS.incrementAndGet();
        given().contentType(ContentType.JSON)
                .body(Map.of("name", name, "task", task))
                .post("/api/v1/projects")
                .then()
                .statusCode(201);
        return "/api/v1/projects/" + name;
    }

    protected static String anomalyProject() {
        return project("ANOMALY_DETECTION");
    }

    protected static String classificationProject() {
        return project("CLASSIFICATION");
    }

    protected static Response importZip(String project, byte[] zip) {
        return given().contentType("application/zip").body(zip).post(project + "/imports");
    }

    protected static Response importZip(String project, byte[] zip, String query) {
        return given().contentType("application/zip").body(zip).post(project + "/imports?" + query);
    }

    protected static Response upload(String project, byte[] image, String query) {
        return given().contentType("application/octet-stream")
                .body(image)
                .post(project + "/images" + (query.isEmpty() ? "" : "?" + query));
    }

    protected static Response freeze(String project) {
        return given().contentType(ContentType.JSON).body("{}").post(project + "/versions");
    }
}
