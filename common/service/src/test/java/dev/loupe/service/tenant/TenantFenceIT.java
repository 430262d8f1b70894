package dev.loupe.service.tenant;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.service.access.ApiToken;
import dev.loupe.service.access.Role;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.access.TokenDirectory;
import dev.loupe.service.access.TokenText;
import dev.loupe.testing.DevstackTestResource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of callers of several tenants on the same connections of the database. */
@QuarkusTest
@QuarkusTestResource(
        value = DevstackTestResource.class,
        initArgs = @ResourceArg(name = "schema", value = "service_library"))
@TestProfile(TenantFenceIT.FewConnections.class)
class TenantFenceIT {
    private static final String OWN = "own";
    private static final String FENCED = "fenced";

    /** As few as migrations need: each connection is that of callers of several tenants. */
    public static final class FewConnections implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "loupe.auth.mode", "token",
                    "loupe.auth.insecure", "false",
                    "quarkus.datasource.jdbc.max-size", "3");
        }
    }

    @Inject
    TokenDirectory directory;

    @Inject
    TenantRole role;

    @Inject
    Jdbi jdbi;

    private String operator;
    private String ofAcme;
    private String ofBirch;

    @BeforeEach
    void fill() {
        operator = token("", null);
        ofAcme = token("acme/", Tenant.allProjects("acme"));
        ofBirch = token("birch/", Tenant.allProjects("birch"));
        jdbi.useHandle(handle -> handle.execute("""
                insert into item (name, tenant) values ('a', 'acme'), ('b', 'birch'), ('c', 'default')
                on conflict do nothing"""));
    }

    @AfterEach
    void theConnectionIsTheOwnersAgain() {
        assertEquals(List.of("a", "b", "c"), names(items(operator, "plain"), 0));
        assertEquals("", jdbi.withHandle(handle -> handle.createQuery(
                        "select coalesce(current_setting('loupe.tenant', true), '')")
                .mapTo(String.class)
                .one()));
    }

    private String token(String beforeName, UUID project) {
        String text = TokenText.draw();
        UUID id = UUID.randomUUID();
        QuarkusTransaction.requiringNew()
                .run(() -> directory.apply(new ApiToken(
                        id,
                        beforeName + id,
                        TokenText.sha256(text),
                        Role.ADMIN,
                        project,
                        "ann",
                        Instant.now(),
                        null,
                        null,
                        1)));
        directory.refreshIfStale();
        return text;
    }

    private static Response items(String token, String how) {
        return given().header("Authorization", "Bearer " + token).get("/items/" + how);
    }

    private static List<String> names(Response seen, int index) {
        return seen.then().statusCode(200).extract().path("[" + index + "].names");
    }

    private String role(Response seen, int index) {
        String got = seen.path("[" + index + "].role");
        return got.equals(role.known().orElseThrow()) ? FENCED : OWN;
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "transaction"})
    void aQueryWithoutItsConditionShowsTheRowsOfTheTenant(String how) {
        for (int i = 0; i < 3; i++) {
            Response acme = items(ofAcme, how);
            Response birch = items(ofBirch, how);
            Response own = items(operator, how);

            for (int query = 0; query < 2; query++) {
                assertEquals(List.of("a"), names(acme, query));
                assertEquals(FENCED, role(acme, query));
                assertEquals(List.of("b"), names(birch, query));
                assertEquals(FENCED, role(birch, query));
                assertEquals(List.of("a", "b", "c"), names(own, query));
                assertEquals(OWN, role(own, query));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"owner", "owner-in-transaction"})
    void workAsTheOwnerLeavesTheFenceForAsLongAsItTakes(String how) {
        Response seen = items(ofAcme, how);

        assertEquals(List.of("a"), names(seen, 0));
        assertEquals(List.of("a", "b", "c"), names(seen, 1));
        assertEquals(OWN, role(seen, 1));
        assertEquals(List.of("a"), names(seen, 2));
        assertEquals(FENCED, role(seen, 2));
    }

    @Test
    void aTransactionAsTheOwnerHasNoFence() {
        assertEquals(List.of("a", "b", "c"), names(items(ofAcme, "transaction-as-owner"), 0));
    }

    @Test
    void theFenceIsBackAfterWorkAsTheOwnerThatFailed() {
        Response seen = items(ofAcme, "failure-as-owner");

        assertEquals(List.of("a"), names(seen, 0));
        assertEquals(List.of("a"), names(seen, 1));
    }

    @ParameterizedTest
    @CsvSource({"aborted, INTERNAL", "disconnected, DATABASE_UNAVAILABLE"})
    void aConnectionThatFailsInARequestOfATenantKeepsNoRole(String how, String code) {
        assertEquals(code, items(ofAcme, how).path("code"));

        assertEquals(List.of("b"), names(items(ofBirch, "plain"), 0));
    }

    @Test
    void aThreadThatARequestStartsHasNoFence() {
        assertEquals(List.of("a", "b", "c"), names(items(ofAcme, "thread"), 0));
    }
}
