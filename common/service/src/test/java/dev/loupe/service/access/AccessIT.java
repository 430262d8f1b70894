package dev.loupe.service.access;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.service.limit.LimitKind;
import dev.loupe.service.limit.RequestLimit;
import dev.loupe.service.limit.RequestLimitDirectory;
import dev.loupe.service.limit.TenantLimit;
import dev.loupe.testing.DevstackTestResource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that knows its callers by API tokens. */
@QuarkusTest
@QuarkusTestResource(
        value = DevstackTestResource.class,
        initArgs = @ResourceArg(name = "schema", value = "service_library"))
@TestProfile(AccessIT.Tokens.class)
class AccessIT {
    /** The same for all class loaders of a test JVM. */
    private static final String ADMINISTRATOR =
            "loupe_" + "0123456789abcdef".repeat(3).substring(0, 43);

    /** As an installation is configured before its first token exists. */
    public static final class Tokens implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "loupe.auth.mode", "token",
                    "loupe.auth.insecure", "false",
                    "loupe.auth.admin-token-sha256", TokenText.sha256(ADMINISTRATOR));
        }
    }

    @Inject
    TokenDirectory directory;

    @Inject
    RequestLimitDirectory limits;

    private String token(Role role, UUID project) {
        return token(role, project, null);
    }

    private String token(Role role, UUID project, Instant expiresAt) {
        String text = TokenText.draw();
        UUID id = UUID.randomUUID();
        change(new ApiToken(
                id,
                "t-" + id,
                TokenText.sha256(text),
                role,
                project,
                "ann",
                Instant.now().truncatedTo(ChronoUnit.MILLIS),
                expiresAt,
                null,
                1));
        return text;
    }

    private void change(ApiToken token) {
        QuarkusTransaction.requiringNew().run(() -> directory.apply(token));
        directory.refreshIfStale();
    }

    private static RequestSpecification with(String token) {
        return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON);
    }

    private static Response create(String token, String text) {
        return with(token).body(Map.of("text", text)).post("/notes/failing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Basic YTpi", "Bearer", "Bearer x", "Bearer loupe_short", "loupe_"})
    void refusesRequestsWithoutAToken(String authorization) {
        RequestSpecification request =
                authorization.isEmpty() ? given() : given().header("Authorization", authorization);

        request.get("/notes")
                .then()
                .statusCode(401)
                .contentType("application/problem+json")
                .header("WWW-Authenticate", "Bearer")
                .body("code", equalTo("UNAUTHENTICATED"));
    }

    @Test
    void refusesATokenThatIsUnknownOrInTheQuery() {
        with(TokenText.draw()).get("/notes").then().statusCode(401).body("code", equalTo("UNAUTHENTICATED"));
        given().get("/notes?token=" + ADMINISTRATOR + "&access_token=" + ADMINISTRATOR)
                .then()
                .statusCode(401);
    }

    @Test
    void refusesTwoTokens() {
        given().header("Authorization", "Bearer " + ADMINISTRATOR, "Bearer " + ADMINISTRATOR)
                .get("/notes")
                .then()
                .statusCode(401)
                .body("detail", containsString("2 headers"));
    }

    @Test
    void theConfiguredTokenIsAnAdministrators() {
        with(ADMINISTRATOR).get("/notes").then().statusCode(200);
        with(ADMINISTRATOR).body(Map.of("text", "x")).post("/notes").then().statusCode(201);
    }

    @Test
    void aTokenCountsUntilItExpiresOrIsRevoked() {
        with(token(Role.VIEWER, null, Instant.now().minusSeconds(1)))
                .get("/notes")
                .then()
                .statusCode(401);
        String text = TokenText.draw();
        ApiToken token = new ApiToken(
                UUID.randomUUID(),
                "revoked",
                TokenText.sha256(text),
                Role.VIEWER,
                null,
                "ann",
                Instant.EPOCH,
                Instant.now().plusSeconds(60),
                null,
                1);
        change(token);
        with(text).get("/notes").then().statusCode(200);

        change(new ApiToken(
                token.id(),
                token.name(),
                token.sha256(),
                token.role(),
                null,
                "ann",
                Instant.EPOCH,
                token.expiresAt(),
                Instant.now(),
                2));
        with(text).get("/notes").then().statusCode(401);

        change(token); // an old event that arrives again
        with(text).get("/notes").then().statusCode(401);
    }

    @Test
    void aTokenMakesNoMoreRequestsThanItsLimit() {
        String text = TokenText.draw();
        ApiToken token = new ApiToken(
                UUID.randomUUID(),
                "t-" + UUID.randomUUID(),
                TokenText.sha256(text),
                Role.VIEWER,
                null,
                "ann",
                Instant.EPOCH,
                Instant.now().plusSeconds(60),
                null,
                1);
        change(token);
        limit(new RequestLimit(token.id(), LimitKind.TOKEN, 0.001, 2));
        with(text).get("/notes").then().statusCode(200);

        with(text)
                .get("/notes")
                .then()
                .statusCode(429)
                .header("Retry-After", not(equalTo("1")))
                .body("code", equalTo("RATE_LIMITED"), "detail", startsWith("API token 't-"));
        with(token(Role.VIEWER, null)).get("/notes").then().statusCode(200);

        limit(new RequestLimit(token.id(), LimitKind.TOKEN, null, 1)); // an old event
        with(text).get("/notes").then().statusCode(429);
        limit(new RequestLimit(token.id(), LimitKind.TOKEN, null, 3));
        with(text).get("/notes").then().statusCode(200);
    }

    @Test
    void aTenantMakesNoMoreRequestsThanItsLimitWhileAnotherGoesOn() {
        String first = tokenOf("acme", Role.VIEWER);
        String second = tokenOf("acme", Role.ADMIN);
        String other = tokenOf("birch", Role.ADMIN);
        limit(new TenantLimit("acme", 0.001, 2));
        with(first).get("/notes").then().statusCode(200);

        for (String refused : List.of(first, second)) {
            with(refused)
                    .get("/notes")
                    .then()
                    .statusCode(429)
                    .header("Retry-After", not(equalTo("1")))
                    .body("code", equalTo("RATE_LIMITED"), "detail", startsWith("tenant 'acme': "));
        }
        with(other).get("/notes").then().statusCode(200);
        with(other).get("/notes").then().statusCode(200);
        with(ADMINISTRATOR).get("/notes").then().statusCode(200);

        limit(new TenantLimit("acme", null, 1)); // an old event
        with(second).get("/notes").then().statusCode(429);
        limit(new TenantLimit("acme", null, 3));
        with(first).get("/notes").then().statusCode(200);
        with(second).get("/notes").then().statusCode(200);
    }

    private void limit(TenantLimit limit) {
        QuarkusTransaction.requiringNew().run(() -> limits.apply(limit));
        limits.refreshIfStale();
    }

    private void limit(RequestLimit limit) {
        QuarkusTransaction.requiringNew().run(() -> limits.apply(limit));
        limits.refreshIfStale();
    }

    @Test
    void aRoleIsNotEnoughForMore() {
        with(token(Role.LABELLER, null))
                .body(Map.of("text", "x"))
                .post("/notes")
                .then()
                .statusCode(403)
                .body(
                        "code",
                        equalTo("PERMISSION_DENIED"),
                        "detail",
                        startsWith("POST /notes: expected the role engineer"));
        with(token(Role.ENGINEER, null))
                .body(Map.of("text", "x"))
                .post("/notes")
                .then()
                .statusCode(201);
        with(token(Role.ADMIN, NoteLookup.FIRST))
                .body(Map.of("text", "x"))
                .post("/notes")
                .then()
                .statusCode(403)
                .body("code", equalTo("PERMISSION_DENIED"));
    }

    @Test
    void whatBelongsToAnotherProjectLooksAsIfItDidNotExist() {
        String token = token(Role.VIEWER, NoteLookup.FIRST);

        with(token).get("/notes/1").then().statusCode(200);
        with(token).get("/notes").then().statusCode(200);
        String hidden =
                with(token).get("/notes/2").then().statusCode(404).extract().asString();
        String missing =
                with(token).get("/notes/4").then().statusCode(404).extract().asString();
        assertEquals(missing.replace("'4'", "'2'"), hidden);
        with(token).get("/notes/3").then().statusCode(403).body("code", equalTo("PERMISSION_DENIED"));
    }

    @Test
    void whatBelongsToAnotherTenantLooksAsIfItDidNotExist() {
        String acme = tokenOf("acme", Role.ADMIN);

        with(acme).get("/notes/5").then().statusCode(200);
        String missing =
                with(acme).get("/notes/4").then().statusCode(404).extract().asString();
        for (String hidden : List.of("1", "3")) {
            String got = with(acme)
                    .get("/notes/" + hidden)
                    .then()
                    .statusCode(404)
                    .extract()
                    .asString();
            assertEquals(missing.replace("'4'", "'" + hidden + "'"), got);
        }
        for (String token : List.of(ADMINISTRATOR, token(Role.ADMIN, NoteLookup.OF_ACME))) {
            with(token).get("/notes/5").then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
        }
        with(acme).post("/notes/full/database").then().statusCode(403).body("code", equalTo("PERMISSION_DENIED"));
    }

    @Test
    void aKeyOfARequestIsOfOneTenant() {
        for (String key : List.of(ADMINISTRATOR, tokenOf("acme", Role.ADMIN), tokenOf("birch", Role.ADMIN))) {
            with(key)
                    .header("Idempotency-Key", "the same")
                    .body(Map.of("text", TokenText.draw()))
                    .post("/notes")
                    .then()
                    .statusCode(201);
        }
    }

    private String tokenOf(String tenant, Role role) {
        String text = TokenText.draw();
        UUID id = UUID.randomUUID();
        change(new ApiToken(
                id,
                tenant + "/t-" + id,
                TokenText.sha256(text),
                role,
                Tenant.allProjects(tenant),
                "ann",
                Instant.EPOCH,
                Instant.now().plusSeconds(60),
                null,
                1));
        return text;
    }

    @Test
    void theBodySaysWhatARequestIsAbout() {
        String token = token(Role.LABELLER, NoteLookup.FIRST);

        // Past the filter, the resource itself refuses.
        create(token, "1").then().statusCode(409).body("code", equalTo("PROJECT_EXISTS"));
        create(token, "2").then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
        create(token(Role.VIEWER, NoteLookup.FIRST), "1").then().statusCode(403);
        with(token).body("{}").post("/notes/failing").then().statusCode(403);
        with(token).body("{\"text\":").post("/notes/failing").then().statusCode(400);
        with(token)
                .body("{\"text\": \"1\", \"text\": \"2\"}")
                .post("/notes/failing")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
    }

    @Test
    void anOperationWithoutARuleIsRefused() {
        with(ADMINISTRATOR)
                .post("/notes/full/disk")
                .then()
                .statusCode(403)
                .body("code", equalTo("PERMISSION_DENIED"), "detail", containsString("POST /notes/full/disk"));
    }

    @Test
    void anOpenOperationAndProbesNeedNoToken() {
        given().get("/notes/bugs/argument").then().statusCode(500);
        given().get("/q/health/live").then().statusCode(200);
    }

    @Test
    void theHeaderWithAnActorIsRefused() {
        with(ADMINISTRATOR)
                .header("X-Loupe-Actor", "bob")
                .get("/notes")
                .then()
                .statusCode(403)
                .body("code", equalTo("ACTOR_REFUSED"), "detail", not(containsString("bob")));
    }
}
