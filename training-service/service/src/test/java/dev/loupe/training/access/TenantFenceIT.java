package dev.loupe.training.access;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.service.access.ApiToken;
import dev.loupe.service.access.Role;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.access.TokenDirectory;
import dev.loupe.service.access.TokenText;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.FencedTables;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Row-level security between tenants. A new table without a decision fails here. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@TestProfile(TokenMode.class)
class TenantFenceIT {
    /** Why a table is closed to requests of tenants. */
    private static final Map<String, String> CLOSED = Map.of(
            "inbox", "events are received by no request",
            "outbox_dead_letter", "events are sent by no request",
            "project_member", "in memory, for all tenants together",
            "project_members_revision", "in memory, for all tenants together",
            "request_limit", "in memory, for all tenants together",
            "tenant_limit", "in memory, for all tenants together");

    /** What all tenants see rows of, or none. */
    private static final Map<String, String> SHARED = Map.of(
            "backbone", "operators import them for all",
            "outbox", "the relay sends the events of all tenants");

    /** A project with a row in each table; its quota lets no run start. */
    private static final List<String> ROWS = List.of(
            "insert into project (id, name, revision) values (:id, :name, 1)",
            "insert into project_former_name (name, project_id) values (:name || '-before', :id)",
            """
            insert into dataset_version (id, project_id, project_name, task, number, manifest_bucket, manifest_key,
                manifest_sha256, train_images, dev_images, test_images, classes, class_count, test_digest)
            values (:id, :id, :name, 'CLASSIFICATION', 1, 'b', 'k', 's', 100, 20, 20, '{}', 2, 'd')""",
            "insert into quota (project_id, max_runs, weight) values (:id, 0, 1)",
            "insert into tenant_quota (tenant, max_runs) values (split_part(:name, '.', 1), 9)",
            """
            insert into run (id, dataset_version_id, recipe, seed, register, state)
            values (:id, :id, '{"name": "transfer", "parameters": {}}', 1, false, 'CANCELLED')""",
            "insert into attempt (run_id, number, token, ended, discarded) values (:id, 1, 't', 'cancelled', true)",
            "insert into metric_value (run_id, name, attempt, phase, step, at, value) values (:id, 'l', 1, 'p', 1, now(), 1)",
            """
            insert into evaluation (run_id, model_run_id, package_key, package_sha256, known_images)
            values (:id, :id, 'k', 's', 0)""",
            """
            insert into extension (run_id, model_run_id, package_key, package_sha256, images_version_id, images)
            values (:id, :id, 'k', 's', :id, '{}')""",
            """
            insert into search (id, dataset_version_id, recipe, space, method, objective, trials, parallel, seed, register,
                priority, state)
            values (:id, :id, '{"name": "transfer", "parameters": {}}', '{}', 'RANDOM', 'accuracy', 1, 1, 1, false, 0,
                'CANCELLED')""",
            """
            insert into search_trial (search_id, number, parameters, rung, state)
            values (:id, 1, '{}', 0, 'CANCELLED')""",
            """
            insert into imported_model (id, project_id, name, sha256, size, labels, scale, mean, std, width, height, layout,
                scores)
            values (:id, :id, 'm', 's', 1, '{a,b}', 1, '{0,0,0}', '{1,1,1}', 32, 32, 'CHANNELS_FIRST', 'LOGITS')""",
            """
            insert into idempotency (scope, key, fingerprint, status, body)
            values (split_part(:name, '.', 1) || '.POST /x', :name, 'f', 200, 'b')""");

    @Inject
    TokenDirectory directory;

    @Inject
    DataSource database;

    @Inject
    Jdbi jdbi;

    private final String acme = "acme-" + UUID.randomUUID().toString().substring(0, 8);
    private final String birch = "birch-" + UUID.randomUUID().toString().substring(0, 8);
    private final UUID own = UUID.randomUUID();
    private final UUID hidden = UUID.randomUUID();
    private String ofAcme;
    private String ofBirch;

    @BeforeEach
    void fillAProjectOfEachTenant() {
        ofAcme = token(acme);
        ofBirch = token(birch);
        fill(own, acme);
        fill(hidden, birch);
    }

    private void fill(UUID id, String tenant) {
        QuarkusTransaction.requiringNew()
                .run(() -> ROWS.forEach(row -> jdbi.useHandle(handle -> handle.createUpdate(row)
                        .bind("id", id)
                        .bind("name", tenant + ".parts")
                        .execute())));
    }

    @AfterEach
    void endTheRuns() {
        jdbi.useHandle(handle ->
                handle.execute("update run set state = 'CANCELLED' where dataset_version_id in (?, ?)", own, hidden));
    }

    private String token(String tenant) {
        String text = TokenText.draw();
        QuarkusTransaction.requiringNew()
                .run(() -> directory.apply(new ApiToken(
                        UUID.randomUUID(),
                        tenant + "/admin",
                        TokenText.sha256(text),
                        Role.ADMIN,
                        Tenant.allProjects(tenant),
                        "ann",
                        Instant.now(),
                        null,
                        null,
                        1)));
        directory.refreshIfStale();
        return text;
    }

    private static RequestSpecification with(String token) {
        return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON);
    }

    private static String submit(String token, String tenant, int priority) {
        return with(token)
                .body(Map.of("project", tenant + ".parts", "recipe", Map.of("name", "transfer"), "priority", priority))
                .post("/api/v1/runs")
                .then()
                .statusCode(202)
                .body("state", equalTo("QUEUED"), "reason", matchesPattern("place [0-9]+ of [0-9]+ in the queue: .*"))
                .extract()
                .path("reason");
    }

    @Test
    void eachTableIsFencedOrClosed() {
        FencedTables tables = new FencedTables(database);

        assertEquals(Set.of("flyway_schema_history"), tables.open());
        assertEquals(CLOSED.keySet(), tables.closed());
        Set<String> expected = new TreeSet<>(CLOSED.keySet());
        expected.addAll(tables.fenced());
        assertEquals(expected, tables.granted());
    }

    @Test
    void theRoleSeesAndChangesRowsOfItsTenantAlone() {
        FencedTables tables = new FencedTables(database);
        submit(ofAcme, acme, 0);
        submit(ofBirch, birch, 0);
        Set<String> seen = tables.fenced();
        seen.removeAll(SHARED.keySet());

        assertEquals(seen, without(tables.seenBy(acme), "backbone"));
        assertEquals(seen, without(tables.seenBy(birch), "backbone"));
        assertEquals(List.of(), tables.leaks(acme, birch, Set.of("outbox")));
        assertEquals(Set.of(), without(tables.seenBy(""), "backbone"));
        assertEquals(Set.of(), without(tables.seenBy("nothing"), "backbone"));
        assertTrue(tables.filled().containsAll(seen));
    }

    private static Set<String> without(Set<String> tables, String one) {
        tables.remove(one);
        return tables;
    }

    @Test
    void theDatabaseDecidesWhatARequestOfATenantFinds() {
        String runs = "/api/v1/runs";
        String policy = jdbi.withHandle(
                handle -> handle.createQuery("""
                        select pg_get_expr(polqual, polrelid) from pg_policy
                        where polrelid = 'dataset_version'::regclass and polname = 'tenant'""").mapTo(String.class).one());
        with(ofAcme).get(runs).then().body("items.id", contains(own.toString()));
        jdbi.useHandle(handle -> handle.execute("alter policy tenant on dataset_version using (false)"));
        try {
            with(ofAcme).get(runs).then().statusCode(200).body("items", empty());
            with(ofAcme).get(runs + "/" + own).then().statusCode(404).body("code", equalTo("RUN_NOT_FOUND"));
        } finally {
            jdbi.useHandle(handle -> handle.execute("alter policy tenant on dataset_version using (" + policy + ")"));
        }
        with(ofAcme).get(runs + "/" + own).then().statusCode(200);
    }

    @Test
    void thePlaceInTheQueueCountsTheRunsOfAllTenants() {
        submit(ofBirch, birch, 100);

        String reason = submit(ofAcme, acme, -100);

        assertTrue(Integer.parseInt(reason.replaceAll("place ([0-9]+) of .*", "$1")) > 1, reason);
    }
}
