package dev.loupe.inference.access;

import static dev.loupe.inference.access.TestTenants.with;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.inference.InferenceTestResource;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.oip.v2.ModelRepositoryParameter;
import dev.loupe.oip.v2.RepositoryModelLoadRequest;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.FencedTables;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row-level security between tenants. A new table without a decision fails here. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
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

    /** A row of a project for each table that the API and the background fill slowly. */
    private static final List<String> ROWS = List.of(
            "insert into project (id, name, revision) values (:id, :name, 1)",
            "insert into project_former_name (name, project_id) values (:name || '-before', :id)",
            "insert into alias (project_id, name, version, generation) values (:id, 'a', 1, 1)",
            """
            insert into alias_move (project_id, alias, generation, version, kind, gate, gate_detail, actor)
            values (:id, 'a', 1, 1, 'PROMOTION', 'g', 'd', 'ann')""",
            """
            insert into threshold_version (project_id, version, number, value, method, how, reason, actor)
            values (:id, 1, 2, 0.5, 'MANUAL', 'h', 'r', 'ann')""",
            """
            insert into promotion_policy (project_id, revision, policy, actor, changed_at)
            values (:id, 1, '{}', 'ann', now())""",
            """
            insert into approval_request (project_id, number, alias, version, base_generation, force, actor, created_at,
                expires_at, state)
            values (:id, 1, 'a', 1, 1, false, 'ann', now(), now(), 'PENDING')""",
            "insert into version_note (project_id, number, revision, tags) values (:id, 1, 1, '[]')",
            "insert into version_pin (project_id, number, actor) values (:id, 1, 'ann')",
            """
            insert into canary_change (project_id, alias, revision, kind, active, generation, holder, candidate, weight, seed,
                actor, changed_at)
            values (:id, 'a', 1, 'WEIGHT_SET', false, 1, 1, 1, 0, 0, 'ann', now())""",
            """
            insert into rollout (project_id, alias, candidate, revision, plan, step, state, message, force, actor, started_at,
                step_started_at)
            values (:id, 'a', 1, 1, '{}', 0, 'STOPPED', 'm', false, 'ann', now(), now())""",
            """
            insert into arm_count (project_id, alias, revision, arm, answered, failed, latency)
            values (:id, 'a', 1, 'HOLDER', 1, 0, '{}')""",
            """
            insert into shadow_count (project_id, alias, holder, candidate, minute, images, disagreements, failed, dropped)
            values (:id, 'a', 1, 1, now(), 1, 0, 0, 0)""",
            """
            insert into shadow_disagreement (id, project_id, alias, holder, candidate, predicted_at, holder_answer,
                holder_score, candidate_answer, candidate_score)
            values (gen_random_uuid(), :id, 'a', 1, 1, now(), 'red', 1, 'blue', 1)""",
            """
            insert into prediction_log (project_id, revision, settings, actor, changed_at)
            values (:id, 1, '{"mode": "OFF"}', 'ann', now())""",
            """
            insert into prediction (project_id, id, created_at, version, label, score, latency_millis)
            values (:id, gen_random_uuid(), now(), 1, 'red', 1, 1)""",
            "insert into drift_monitor (project_id, version) values (:id, 1)",
            """
            insert into drift_reference (project_id, version, measure, values, created_at)
            values (:id, 1, 'SCORE', '{1}', now())""",
            """
            insert into drift_window (id, project_id, version, first_id, last_id, started_at, ended_at, images, tests, drifted)
            values (gen_random_uuid(), :id, 1, gen_random_uuid(), gen_random_uuid(), now(), now(), 1, '[]', false)""",
            """
            insert into webhook (project_id, url, secret, actor, changed_at)
            values (:id, 'https://example.org', 's', 'ann', now())""",
            """
            insert into webhook_delivery (id, project_id, body, created_at, state, next_attempt_at)
            values (gen_random_uuid(), :id, '{}', now(), 'DELIVERED', now())""",
            """
            insert into version_evaluation (run_id, test_digest, dataset_version, metrics)
            select run_id, 'other', 1, '{}' from model_version where project_id = :id""",
            """
            insert into test_evidence (run_id, test_digest, images, labels)
            select run_id, 'other', 1, '{}' from model_version where project_id = :id""",
            """
            insert into idempotency (scope, key, fingerprint, status, body)
            values (split_part(:name, '.', 1) || '.POST /x', :name, 'f', 200, 'b')""");

    @Inject
    TestTenants tenants;

    @Inject
    DataSource database;

    @Inject
    Jdbi jdbi;

    @TempDir
    Path folder;

    private final String acme = "acme-" + UUID.randomUUID().toString().substring(0, 8);
    private final String birch = "birch-" + UUID.randomUUID().toString().substring(0, 8);
    private String ofAcme;
    private String ofBirch;
    private Project model;
    private Project hidden;

    @BeforeEach
    void publishAModelOfEachTenant() {
        ofAcme = tenants.administrator(acme);
        ofBirch = tenants.administrator(birch);
        model = tenants.published(acme, ofAcme, folder);
        hidden = tenants.published(birch, ofBirch, folder);
    }

    private void pinOverGrpc() {
        tenants.open(ofAcme)
                .repositoryModelLoad(RepositoryModelLoadRequest.newBuilder()
                        .setModelName(model.name())
                        .putParameters("version", parameter("1"))
                        .putParameters(
                                "pinned",
                                ModelRepositoryParameter.newBuilder()
                                        .setBoolParam(true)
                                        .build())
                        .build());
    }

    private static ModelRepositoryParameter parameter(String text) {
        return ModelRepositoryParameter.newBuilder().setStringParam(text).build();
    }

    /** Does what follows while the database shows tenants no model. */
    private void withoutModels(Runnable work) {
        String policy = jdbi.withHandle(
                handle -> handle.createQuery("""
                        select pg_get_expr(polqual, polrelid) from pg_policy
                        where polrelid = 'model'::regclass and polname = 'tenant'""").mapTo(String.class).one());
        jdbi.useHandle(handle -> handle.execute("alter policy tenant on model using (false)"));
        try {
            work.run();
        } finally {
            jdbi.useHandle(handle -> handle.execute("alter policy tenant on model using (" + policy + ")"));
        }
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
        for (Project project : List.of(model, hidden)) {
            QuarkusTransaction.requiringNew()
                    .run(() -> ROWS.forEach(row -> jdbi.useHandle(handle -> handle.createUpdate(row)
                            .bind("id", project.id())
                            .bind("name", project.name())
                            .execute())));
            with(project == model ? ofAcme : ofBirch)
                    .body(Map.of("description", "of a tenant"))
                    .patch("/api/v1/models/" + project.name() + "/versions/1")
                    .then()
                    .statusCode(200); // an entry of the audit log
        }
        Set<String> seen = tables.fenced();
        seen.remove("outbox"); // the relay sends the events of all tenants

        assertEquals(seen, tables.seenBy(acme));
        assertEquals(seen, tables.seenBy(birch));
        assertEquals(List.of(), tables.leaks(acme, birch, Set.of("outbox")));
        assertEquals(Set.of(), tables.seenBy(""));
        assertEquals(Set.of(), tables.seenBy("nothing"));
        assertTrue(tables.filled().containsAll(seen));
    }

    @Test
    void theDatabaseDecidesWhatARequestOfATenantFinds() {
        with(ofAcme).get("/api/v1/models").then().body("items.name", contains(model.name()));

        withoutModels(() -> {
            with(ofAcme).get("/api/v1/models").then().statusCode(200).body("items", empty());
            with(ofAcme)
                    .get("/api/v1/models/" + model.name() + "/aliases")
                    .then()
                    .statusCode(404);
            StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, this::pinOverGrpc);
            assertEquals(Status.Code.NOT_FOUND, refused.getStatus().getCode());
        });

        pinOverGrpc();
        with(ofAcme).get("/api/v1/models").then().body("items.name", contains(model.name()));
    }

    @Test
    void aReplicaKeepsTheModelsOfOthersWhenARequestOfATenantReadsTheDatabase() {
        String ready = "/v2/models/" + hidden.name() + "/versions/1/ready";
        for (Runnable request : List.<Runnable>of(
                this::pinOverGrpc,
                () -> with(ofAcme)
                        .delete("/api/v1/models/" + model.name() + "/versions/1/pin")
                        .then()
                        .statusCode(200),
                () -> with(ofAcme)
                        .body(Map.of("mode", "OFF"))
                        .put("/api/v1/models/" + model.name() + "/prediction-log")
                        .then()
                        .statusCode(200))) {
            request.run();

            with(ofBirch).get(ready).then().statusCode(200);
        }
    }
}
