package dev.loupe.dataset;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import dev.loupe.testing.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /** Imports an archive and waits for its end: the final status resource, or the problem that refused it. */
    protected static Response importZip(String project, byte[] zip) {
        return importZip(project, zip, "");
    }

    protected static Response importZip(String project, byte[] zip, String query) {
        Response started = startImport(project, zip, query);
        return started.statusCode() == 202 ? awaitImport(started.header("Location")) : started;
    }

    protected static Response startImport(String project, byte[] zip, String query) {
        return given().contentType("application/zip")
                .body(zip)
                .post(project + "/imports" + (query.isEmpty() ? "" : "?" + query));
    }

    protected static Response awaitImport(String location) {
        return await().atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> given().get(location), DatasetServiceIT::hasEnded);
    }

    private static boolean hasEnded(Response status) {
        return Set.of("SUCCEEDED", "FAILED", "CANCELLED").contains(status.<String>path("state"));
    }

    /** The refusals of an import, by name of the file. */
    protected static Map<String, String> refusals(String project, Response ended) {
        Map<String, String> codes = new LinkedHashMap<>();
        given().get(project + "/imports/" + ended.path("id") + "/refusals?limit=1000")
                .<List<Map<String, String>>>path("items")
                .forEach(refusal -> codes.put(refusal.get("name"), refusal.get("code")));
        return codes;
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
