package dev.loupe.dataset.project;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.notNullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.dataset.DatasetServiceIT;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class ProjectIT extends DatasetServiceIT {
    private static Response create(String body) {
        return given().contentType(ContentType.JSON).body(body).post("/api/v1/projects");
    }

    @Test
    void aProjectIsFoundByItsIdAndByItsName() {
        Response created =
                create("{\"name\": \"solar-cell\", \"task\": \"ANOMALY_DETECTION\", \"itemKind\": \"one cell\"}");
        created.then()
                .statusCode(201)
                .header("Location", containsString("/api/v1/projects/solar-cell"))
                .body("createdAt", notNullValue());
        for (String address : new String[] {"solar-cell", created.path("id")}) {
            given().get("/api/v1/projects/" + address)
                    .then()
                    .statusCode(200)
                    .body(
                            "name", equalTo("solar-cell"),
                            "task", equalTo("ANOMALY_DETECTION"),
                            "itemKind", equalTo("one cell"),
                            "images", equalTo(0));
        }
        create("{\"name\": \"solar-cell\", \"task\": \"CLASSIFICATION\"}")
                .then()
                .statusCode(409)
                .body("code", equalTo("PROJECT_EXISTS"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\": \"Solar\", \"task\": \"CLASSIFICATION\"}",
                "{\"name\": \"../x\", \"task\": \"CLASSIFICATION\"}",
                "{\"name\": \"x\"}",
                "{\"task\": \"CLASSIFICATION\"}",
                "{\"name\": \"x\", \"task\": \"SEGMENTATION\"}",
                "{\"name\": \"x\", \"task\": \"CLASSIFICATION\", \"colour\": 1}",
                "{\"name\": \"x\", ",
                "[]",
                "null",
                ""
            })
    void aProjectThatCannotBeIsRefused(String body) {
        create(body)
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("code", equalTo("INVALID_REQUEST"));
    }

    @Test
    void aRepeatedRequestMakesOneProject() {
        String key = UUID.randomUUID().toString();
        String body = "{\"name\": \"once\", \"task\": \"CLASSIFICATION\"}";
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ids.add(given().header("Idempotency-Key", key)
                    .contentType(ContentType.JSON)
                    .body(body)
                    .post("/api/v1/projects")
                    .then()
                    .statusCode(201)
                    .extract()
                    .path("id"));
        }
        assertEquals(ids.getFirst(), ids.getLast());
    }

    @Test
    void projectsAreListedByNameInPages() {
        create("{\"name\": \"a-list-1\", \"task\": \"CLASSIFICATION\"}").then().statusCode(201);
        create("{\"name\": \"a-list-2\", \"task\": \"CLASSIFICATION\"}").then().statusCode(201);
        Response first = given().get("/api/v1/projects?limit=1");
        assertEquals(List.of("a-list-1"), first.path("items.name"));
        assertTrue(first.header("Link").contains("rel=\"next\""), first.header("Link"));
        given().get("/api/v1/projects?limit=1&cursor=" + first.path("nextCursor"))
                .then()
                .body("items[0].name", equalTo("a-list-2"));
    }

    @Test
    void whatIsNotThereIsNotFound() {
        for (String path :
                new String[] {"", "/images", "/images/00", "/images/00/content", "/versions", "/versions/1"}) {
            given().get("/api/v1/projects/nobody" + path)
                    .then()
                    .statusCode(404)
                    .body("code", equalTo("PROJECT_NOT_FOUND"));
        }
    }

    @Test
    void theServiceDescribesItself() {
        given().header("Accept", "application/json")
                .get("/openapi")
                .then()
                .statusCode(200)
                .body(
                        "info.title",
                        containsString("dataset-service"),
                        "paths",
                        hasKey("/api/v1/projects/{project}/imports"));
        given().get("/openapi-ui/").then().statusCode(200).body(containsString("'/openapi'"));
        given().get("/q/health/ready").then().statusCode(200).body("status", equalTo("UP"));
    }
}
