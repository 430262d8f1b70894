package dev.loupe.dataset;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.testing.RestFuzzer;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
class RestFuzzIT extends DatasetServiceIT {
    @Test
    void everyErrorIsAShortProblemDocument() {
        // The surface asks for things that are named so: some of its requests come as far as they can.
        given().contentType(ContentType.JSON)
                .body(Map.of("name", "x", "task", "CLASSIFICATION"))
                .post("/api/v1/projects")
                .then()
                .statusCode(201);
        RestFuzzer surface = RestFuzzer.of(
                RestAssured.port,
                given().accept("application/json").get("/openapi").path("$"));

        assertEquals(List.of(), surface.violations());

        given().get(classificationProject()).then().statusCode(200);
    }
}
