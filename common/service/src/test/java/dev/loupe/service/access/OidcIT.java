package dev.loupe.service.access;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.testing.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that knows persons by the access tokens of a provider. */
@QuarkusTest
@QuarkusTestResource(
        value = DevstackTestResource.class,
        initArgs = @ResourceArg(name = "schema", value = "service_library"))
@QuarkusTestResource(value = TestProvider.class, restrictToAnnotatedClass = true)
@TestProfile(OidcIT.Oidc.class)
class OidcIT {
    /** With another claim than the default one for roles. */
    public static final class Oidc implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "loupe.auth.mode", "oidc",
                    "loupe.auth.insecure", "false",
                    "loupe.auth.oidc.audience", "loupe",
                    "loupe.auth.oidc.roles-claim", "realm_access.roles");
        }
    }

    private final ObjectMapper json = new ObjectMapper();

    @ConfigProperty(name = "loupe.auth.oidc.issuer")
    String issuer;

    private Map<String, Object> claims(String... roles) {
        long now = Instant.now().getEpochSecond();
        return new HashMap<>(Map.of(
                "iss",
                issuer,
                "aud",
                List.of("account", "loupe"),
                "sub",
                "7b1c",
                "preferred_username",
                "ann",
                "exp",
                now + 300,
                "iat",
                now,
                "realm_access",
                Map.of("roles", List.of(roles))));
    }

    private String sign(Map<String, Object> claims) {
        return sign(claims, "current");
    }

    private String sign(Map<String, Object> claims, String key) {
        try {
            return given().body(json.writeValueAsString(claims))
                    .post(issuer + "/sign?key=" + key)
                    .asString();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RequestSpecification with(String token) {
        return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON);
    }

    private static void refused(String token) {
        with(token).get("/notes").then().statusCode(401).body("code", equalTo("UNAUTHENTICATED"));
    }

    @ParameterizedTest
    @CsvSource({"loupe-viewer,403", "loupe-labeller,403", "loupe-engineer,201", "loupe-admin,201", "engineer,403"})
    void aClaimNamesTheRole(String role, int status) {
        with(sign(claims("other", role)))
                .body(Map.of("text", "x"))
                .post("/notes")
                .then()
                .statusCode(status);
    }

    @Test
    void aPersonWithoutARoleIsKnownAndMayNothing() {
        with(sign(claims())).get("/notes").then().statusCode(403).body("code", equalTo("PERMISSION_DENIED"));
        with(sign(claims())).get("/notes/1").then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
    }

    @Test
    void refusesAnotherIssuer() {
        Map<String, Object> claims = claims("loupe-admin");
        claims.put("iss", "https://other.example.org");
        refused(sign(claims));
    }

    @Test
    void refusesAnotherAudience() {
        Map<String, Object> claims = claims("loupe-admin");
        claims.put("aud", "account");
        refused(sign(claims));
        claims.remove("aud");
        refused(sign(claims));
    }

    @Test
    void refusesATokenThatHasExpiredOrIsNotValidYet() {
        Map<String, Object> claims = claims("loupe-admin");
        claims.put("exp", Instant.now().getEpochSecond() - 60);
        refused(sign(claims));
        claims.remove("exp");
        refused(sign(claims));
        claims.put("exp", Instant.now().getEpochSecond() + 300);
        claims.put("nbf", Instant.now().getEpochSecond() + 120);
        refused(sign(claims));
    }

    @Test
    void acceptsAClockThatIsAFewSecondsOff() {
        Map<String, Object> claims = claims("loupe-viewer");
        claims.put("iat", Instant.now().getEpochSecond() - 310);
        claims.put("exp", Instant.now().getEpochSecond() - 10);
        with(sign(claims)).get("/notes").then().statusCode(200);
    }

    @Test
    void refusesTheSignatureOfAnotherKeyEvenIfTheTokenHasIt() {
        refused(sign(claims("loupe-admin"), "other"));
    }

    @Test
    void refusesATokenWithoutASignature() throws Exception {
        String header = encoded("{\"alg\":\"none\"}");
        refused(header + "." + encoded(json.writeValueAsString(claims("loupe-admin"))) + ".");
        String signed = sign(claims("loupe-admin"));
        refused(signed.substring(0, signed.lastIndexOf('.') + 1));
    }

    @Test
    void refusesAPublicKeyThatIsUsedAsASecret() throws Exception {
        String keys = given().get(issuer + "/keys").asString();
        JsonWebSignature jws = new JsonWebSignature();
        jws.setPayload(json.writeValueAsString(claims("loupe-admin")));
        jws.setAlgorithmHeaderValue("HS256");
        jws.setKeyIdHeaderValue(given().get(issuer + "/keys").path("keys[0].kid"));
        jws.setKey(new HmacKey(keys.getBytes(StandardCharsets.UTF_8)));
        refused(jws.getCompactSerialization());
    }

    @Test
    void refusesClaimsThatWereChanged() throws Exception {
        String[] parts = sign(claims("loupe-viewer")).split("\\.");
        refused(parts[0] + "." + encoded(json.writeValueAsString(claims("loupe-admin"))) + "." + parts[2]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"token:ann", "bootstrap-admin", "änn", " ann", ""})
    void refusesANameThatIsNotAPersons(String name) {
        Map<String, Object> claims = claims("loupe-admin");
        claims.put("preferred_username", name);
        refused(sign(claims));
    }

    @Test
    void acceptsANewKeyOfTheProvider() throws Exception {
        String before = sign(claims("loupe-viewer"));
        with(before).get("/notes").then().statusCode(200);
        Thread.sleep(5100); // the service reads the keys at most once in five seconds
        given().post(issuer + "/rotate").then().statusCode(200);

        with(sign(claims("loupe-viewer"))).get("/notes").then().statusCode(200);
        refused(before);
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
