package dev.loupe.console;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages; where they are not built, there is an index.html of the tests. */
@QuarkusTest
@QuarkusTestResource(value = StandInServices.class, restrictToAnnotatedClass = true)
class PagesIT {
    @ParameterizedTest
    @ValueSource(strings = {"/", "/projects", "/projects/steel-strip/images?label=crack.1"})
    void pagesAreCheckedForANewerOneAndRunOnlyOwnScripts(String path) {
        browser()
                .get(path)
                .then()
                .statusCode(200)
                .contentType("text/html")
                .body(containsString("<title>"))
                .header("Cache-Control", "no-cache")
                .header(
                        "Content-Security-Policy",
                        allOf(containsString("script-src 'self';"), not(containsString("unsafe"))))
                .header("X-Content-Type-Options", "nosniff");
    }

    @Test
    void filesWithADigestInTheirNameAreKept() {
        browser()
                .get("/assets/test-0123.js")
                .then()
                .statusCode(200)
                .header("Cache-Control", "public, max-age=31536000, immutable");
    }

    @Test
    void missingFileIsNotAPage() {
        browser().get("/assets/missing-0123.js").then().statusCode(404).header("Cache-Control", is("no-cache"));
    }

    @Test
    void answersOfServicesKeepTheirOwnHeaders() {
        browser().get("/api/v1/projects/who").then().statusCode(200).header("Content-Security-Policy", is((String)
                null));
    }

    private static RequestSpecification browser() {
        return given().header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
                .when();
    }
}
