package dev.loupe.service.access;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.OidcTestResource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that knows persons by the access tokens of a provider. */
@QuarkusTest
@QuarkusTestResource(
        value = DevstackTestResource.class,
        initArgs = @ResourceArg(name = "schema", value = "service_library"))
@QuarkusTestResource(value = OidcTestResource.class, restrictToAnnotatedClass = true)
@TestProfile(OidcIT.Oidc.class)
class OidcIT {
    /** With another claim than the default one for roles. */
    public static final class Oidc implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "loupe.auth.mode", "oidc",
                    "loupe.auth.insecure", "false",
                    "loupe.auth.refresh-interval", "1s",
                    "loupe.auth.oidc.audience", "loupe",
                    "loupe.auth.oidc.keys-pause", "0s",
                    "loupe.auth.oidc.roles-claim", "realm_access.roles",
                    "loupe.auth.oidc.tenant-claim", "tenant");
        }
    }

    private final ObjectMapper json = new ObjectMapper();

    /** Of the members of the first project, in all tests of this class. */
    private static long revision;

    @Inject
    MemberDirectory members;

    @Inject
    Jdbi jdbi;

    @ConfigProperty(name = "loupe.auth.oidc.issuer")
    String issuer;

    @BeforeEach
    void noMembers() {
        change();
    }

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
                "tenant",
                "default",
                "realm_access",
                Map.of("roles", List.of(roles))));
    }

    private String sign(Map<String, Object> claims) {
        return sign(claims, "current");
    }

    private String sign(Map<String, Object> claims, String key) {
        try {
            return provider()
                    .body(json.writeValueAsString(claims))
                    .post(issuer + "/sign?key=" + key)
                    .asString();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A request to the provider, whose authority is not known to this client. */
    private static RequestSpecification provider() {
        return given().relaxedHTTPSValidation();
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
    void aMemberHasARoleInTheirProjectAlone() {
        String token = sign(claims());
        with(token).get("/notes/1").then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
        with(token).get("/notes").then().statusCode(403).body("code", equalTo("PERMISSION_DENIED"));

        change(new Member(MemberKind.PERSON, "ann", Role.VIEWER), new Member(MemberKind.GROUP, "ann", Role.ADMIN));

        with(token).get("/notes").then().statusCode(200);
        with(token).get("/notes/1").then().statusCode(200);
        with(token).get("/notes/2").then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
        label(token, "1").statusCode(403).body("code", equalTo("PERMISSION_DENIED"));
        label(token, "2").statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
        with(token).body(Map.of("text", "x")).post("/notes").then().statusCode(403);

        change();
        with(token).get("/notes/1").then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
        apply(revision - 1, List.of(new Member(MemberKind.PERSON, "ann", Role.ADMIN))); // an old event that is repeated
        with(token).get("/notes/1").then().statusCode(404);
    }

    @ParameterizedTest
    @CsvSource({"VIEWER,LABELLER", "LABELLER,VIEWER"})
    void aPersonHasTheHigherOfTheirRoleAndThoseOfTheirGroups(Role own, Role ofTheGroup) {
        Map<String, Object> grouped = claims();
        grouped.put("groups", List.of("line-1", "/factory/line-2"));
        change(
                new Member(MemberKind.PERSON, "ann", own),
                new Member(MemberKind.GROUP, "/factory/line-2", ofTheGroup),
                new Member(MemberKind.GROUP, "line-3", Role.ADMIN));

        label(sign(grouped), "1").statusCode(409).body("code", equalTo("PROJECT_EXISTS"));
        label(sign(claims()), "1").statusCode(own == Role.LABELLER ? 409 : 403);
    }

    @Test
    void aMembershipDoesNotLowerARoleOfTheClaims() {
        change(new Member(MemberKind.PERSON, "ann", Role.VIEWER));

        label(sign(claims("loupe-labeller")), "1").statusCode(409);
        label(sign(claims("loupe-labeller")), "2").statusCode(409);
        with(sign(claims("loupe-admin")))
                .body(Map.of("text", "x"))
                .post("/notes")
                .then()
                .statusCode(201);
    }

    @Test
    void aMembershipDoesNotMakeATokenStronger() {
        change(new Member(MemberKind.PERSON, "ann", Role.ADMIN));

        Map<String, Object> claims = claims();
        claims.put("aud", "account");
        refused(sign(claims));
        claims = claims();
        claims.put("preferred_username", "Ann");
        with(sign(claims)).get("/notes/1").then().statusCode(404);
    }

    @Test
    void aChangeByAnotherReplicaIsKnownAfterTheNextRead() {
        String token = sign(claims());
        jdbi.useHandle(handle -> handle.execute(
                "insert into project_member (project_id, kind, name, role) values (?, 'PERSON', 'ann', 'VIEWER')",
                NoteLookup.FIRST));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> with(token).get("/notes/1").statusCode() == 200);

        jdbi.useHandle(handle -> handle.execute("delete from project_member"));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> with(token).get("/notes/1").statusCode() == 404);
    }

    @Test
    void aClaimNamesTheTenant() {
        Map<String, Object> acme = claims("loupe-admin");
        acme.put("tenant", "acme");
        with(sign(acme)).get("/notes/5").then().statusCode(200);
        with(sign(acme)).get("/notes/1").then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
        with(sign(acme)).post("/notes/full/database").then().statusCode(403);
        acme.put("tenant", "default");
        with(sign(acme)).get("/notes/5").then().statusCode(404);
        acme.put("tenant", "acme");

        change(new Member(MemberKind.PERSON, "ann", Role.ADMIN)); // of the first project, which is of another tenant
        acme.put("realm_access", Map.of("roles", List.of()));
        with(sign(acme)).get("/notes/1").then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
        acme.put("tenant", "default");
        with(sign(acme)).get("/notes/1").then().statusCode(200);
    }

    @Test
    void refusesAClaimThatNamesNoTenant() {
        for (Object claim : List.of("", "ACME", "acme.parts", "acme/", List.of("acme", "birch"), 7.5, "a".repeat(31))) {
            Map<String, Object> claims = claims("loupe-admin");
            claims.put("tenant", claim);
            refused(sign(claims));
        }
        Map<String, Object> without = claims("loupe-admin");
        without.remove("tenant");
        refused(sign(without));
        without.put("tenant", null);
        refused(sign(without));
    }

    /** What labellers may do; 409 is the response to those who may. */
    private static ValidatableResponse label(String token, String note) {
        return with(token).body(Map.of("text", note)).post("/notes/failing").then();
    }

    private void change(Member... all) {
        apply(++revision, List.of(all));
    }

    private void apply(long number, List<Member> all) {
        QuarkusTransaction.requiringNew().run(() -> members.apply(NoteLookup.FIRST, number, all));
        members.refreshIfStale();
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

    /** The clocks may differ by 30 seconds. */
    @Test
    void refusesATokenThatExpiresAfterItWasVerified() {
        Map<String, Object> claims = claims("loupe-viewer");
        claims.put("iat", Instant.now().getEpochSecond() - 300);
        claims.put("exp", Instant.now().getEpochSecond() - 26);
        String token = sign(claims);
        with(token).get("/notes").then().statusCode(200);
        with(token).get("/notes").then().statusCode(200);
        await().atMost(Duration.ofSeconds(8)).untilAsserted(() -> refused(token));
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
        String keys = provider().get(issuer + "/keys").asString();
        JsonWebSignature jws = new JsonWebSignature();
        jws.setPayload(json.writeValueAsString(claims("loupe-admin")));
        jws.setAlgorithmHeaderValue("HS256");
        jws.setKeyIdHeaderValue(provider().get(issuer + "/keys").path("keys[0].kid"));
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
    void acceptsANewKeyOfTheProvider() {
        String before = sign(claims("loupe-viewer"));
        with(before).get("/notes").then().statusCode(200);
        provider().post(issuer + "/rotate").then().statusCode(200);

        with(sign(claims("loupe-viewer"))).get("/notes").then().statusCode(200);
        refused(before);
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
