package dev.loupe.console;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A build without Node has no pages, and says so. */
class MissingPagesTest {
    private final Vertx vertx = Vertx.vertx();
    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        Router router = Router.router(vertx);
        Pages.addRoutes(router, false);
        server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(1, TimeUnit.MINUTES);
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES);
    }

    @Test
    void everyPageSaysWhyThereIsNone() {
        for (String path : new String[] {"/", "/projects/steel-strip/images"}) {
            given().port(server.actualPort())
                    .get(path)
                    .then()
                    .statusCode(503)
                    .contentType("text/plain")
                    .body(containsString("no pages: Node was missing"));
        }
    }

    @Test
    void pathsOfServicesAreLeftToThem() {
        given().port(server.actualPort()).get("/api/v1/projects").then().statusCode(404);
    }
}
