package dev.loupe.service.audit.log;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.audit.log.AuditVerification.Head;
import dev.loupe.service.audit.log.AuditVerification.Kind;
import dev.loupe.service.audit.log.AuditVerification.Problem;
import dev.loupe.testing.DevstackTestResource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
        value = DevstackTestResource.class,
        initArgs = @ResourceArg(name = "schema", value = "service_library"))
class AuditIT {
    private static final String PATH = "/api/v1/audit/library-under-test";

    @Inject
    Audit audit;

    @Inject
    AuditVerifier verifier;

    @Inject
    Jdbi jdbi;

    @Inject
    Flyway flyway;

    @Inject
    ObjectMapper json;

    private void record(Change change) {
        QuarkusTransaction.requiringNew().run(() -> audit.record(change));
    }

    /** Records changes of a subject that no other test has. */
    private String recorded(int changes) {
        String subject = "s-" + UUID.randomUUID();
        IntStream.range(0, changes)
                .forEach(number -> record(Change.of(null, "ann", "note.change", subject)
                        .detail("änderung " + number)
                        .values(number == 0 ? null : Map.of("size", number - 1), Map.of("size", number))));
        return subject;
    }

    private List<Long> serials(String subject) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select c.serial from audit a join audit_chain c on c.entry = a.id where a.subject = :subject order by 1")
                .bind("subject", subject)
                .mapTo(Long.class)
                .list());
    }

    /** Verifies the log as if the statements had changed it, as the owner of the tables can. */
    private AuditVerification verifiedAfter(Head expected, String... statements) {
        return rolledBack(() -> {
            jdbi.useHandle(handle -> {
                handle.execute("alter table audit_chain drop constraint audit_chain_entry_fkey");
                handle.execute("alter table audit_chain drop constraint audit_chain_serial_check");
                handle.execute("alter table audit disable trigger user");
                handle.execute("alter table audit_chain disable trigger user");
                for (String statement : statements) {
                    handle.execute(statement);
                }
            });
            return verifier.verify(expected);
        });
    }

    private static <T> T rolledBack(Supplier<T> work) {
        AtomicReference<T> result = new AtomicReference<>();
        RuntimeException undo = new RuntimeException("undo");
        RuntimeException thrown = assertThrows(
                RuntimeException.class, () -> QuarkusTransaction.requiringNew().run(() -> {
                    result.set(work.get());
                    throw undo;
                }));
        assertSame(undo, thrown);
        return result.get();
    }

    private Problem problemAfter(Head expected, String... statements) {
        AuditVerification verification = verifiedAfter(expected, statements);
        assertEquals(1, verification.problems().size(), verification.toString());
        assertTrue(!verification.valid());
        return verification.problems().getFirst();
    }

    @Test
    void changesOfManyThreadsMakeOneChainWithoutGaps() {
        String subject = "s-" + UUID.randomUUID();
        long before = verifier.head().serial();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            CompletableFuture.allOf(IntStream.range(0, 8)
                            .mapToObj(thread -> CompletableFuture.runAsync(() -> recordMany(subject, thread), threads))
                            .toArray(CompletableFuture[]::new))
                    .join();
        }

        AuditVerification verification = verifier.verify(null);

        assertEquals(List.of(), verification.problems());
        assertEquals(before + 10_000, verification.head().serial());
        assertEquals(verification.head().serial(), verification.entries());
        assertEquals(10_000, serials(subject).size());
        assertEquals(0, serials(subject + "-rolled-back").size());
    }

    private void recordMany(String subject, int thread) {
        for (int number = 0; number < 1_250; number++) {
            record(Change.of(null, "thread-" + thread, "note.change", subject).values(null, number));
            if (number % 50 == 0) {
                rollBack(subject + "-rolled-back");
            }
        }
    }

    private void rollBack(String subject) {
        rolledBack(() -> {
            audit.record(Change.of(null, "ann", "note.change", subject));
            return null;
        });
    }

    @Test
    void namesTheEntryOfWhichOneByteWasChanged() {
        String subject = recorded(3);
        long serial = serials(subject).get(1);

        Problem problem = problemAfter(
                null,
                "update audit set after = '{\"size\":2}' where subject = '" + subject + "' and after = '{\"size\":1}'");

        assertEquals(Kind.CHANGED, problem.kind());
        assertEquals(serial, problem.serial());
        assertTrue(problem.message().startsWith("entry " + serial + " ("), problem.message());
    }

    @Test
    void namesEntriesThatWereRemovedInsertedOrMoved() {
        String subject = recorded(4);
        List<Long> serials = serials(subject);
        String second = "select entry from audit_chain where serial = " + serials.get(1);

        assertEquals(
                new Problem(Kind.REMOVED, serials.get(1), null, "entry " + serials.get(1) + " was removed"),
                problemAfter(
                        null,
                        "delete from audit where id = (" + second + ")",
                        "delete from audit_chain where serial = " + serials.get(1)));
        Problem withoutContent = problemAfter(null, "delete from audit where id = (" + second + ")");
        assertEquals(Kind.REMOVED, withoutContent.kind());
        assertEquals(serials.get(1), withoutContent.serial());

        UUID inserted = UUID.randomUUID();
        Problem insertion = problemAfter(
                null,
                "insert into audit (id, actor, action, subject) values ('" + inserted + "', 'x', 'note.change', 'x')");
        assertEquals(Kind.INSERTED, insertion.kind());
        assertEquals(inserted, insertion.id());

        AuditVerification many = verifiedAfter(
                null,
                "insert into audit (id, actor, action, subject)"
                        + " select gen_random_uuid(), 'x', 'note.change', 'x' from generate_series(1, 250)");
        assertEquals(250, many.problemCount());
        assertEquals(100, many.problems().size());

        AuditVerification swapped = verifiedAfter(
                null,
                "update audit_chain set serial = -1 where serial = " + serials.get(1),
                "update audit_chain set serial = " + serials.get(1) + " where serial = " + serials.get(2),
                "update audit_chain set serial = " + serials.get(2) + " where serial = -1");
        assertEquals(
                List.of(serials.get(1), serials.get(2)),
                swapped.problems().stream()
                        .filter(problem -> problem.kind() == Kind.CHANGED)
                        .map(Problem::serial)
                        .toList());
        assertEquals(List.of(), verifier.verify(null).problems());
    }

    @Test
    void namesEntriesWithPlacesThatTheChainCannotHave() {
        recorded(2);
        String entry = "insert into audit (id, actor, action, subject) values ('%s', 'x', 'note.change', 'x')";
        String place =
                "insert into audit_chain select %s, id, '', audit_hash('', %1$s, a) from audit a where id = '%s'";
        for (long serial : List.of(-1L, 0L)) {
            UUID id = UUID.randomUUID();
            Problem below = problemAfter(null, entry.formatted(id), place.formatted(serial, id));
            assertEquals(Kind.INSERTED, below.kind());
            assertEquals(serial, below.serial());
        }

        // A place that is taken twice: in the midst of a page, and as the first one that is not on a page any more.
        UUID id = UUID.randomUUID();
        String twice = "alter table audit_chain drop constraint audit_chain_pkey";
        long head = verifier.head().serial();
        AuditVerification taken = verifiedAfter(null, entry.formatted(id), twice, place.formatted(head, id));
        assertTrue(
                taken.problems().stream()
                        .anyMatch(problem -> problem.kind() == Kind.INSERTED
                                && Long.valueOf(head).equals(problem.serial())),
                taken.toString());

        long page = 5_000;
        String full =
                "insert into audit (id, actor, action, subject) select gen_random_uuid(), 'x', 'note.change', 'full'"
                        + " from generate_series(1, " + (page - head) + ")";
        String chained = "do $$ declare one audit; begin for one in select * from audit where subject = 'full' loop"
                + " perform audit_append(one); end loop; end $$";
        AuditVerification pages =
                verifiedAfter(null, full, chained, entry.formatted(id), twice, place.formatted(page, id));
        assertTrue(pages.problems().stream().anyMatch(problem -> problem.kind() == Kind.INSERTED), pages.toString());
    }

    @Test
    void namesTheEntryAfterOneThatWasReplacedWithItsHash() {
        String subject = recorded(3);
        long serial = serials(subject).get(1);

        Problem problem = problemAfter(
                null,
                "update audit set actor = 'bob' where id = (select entry from audit_chain where serial = " + serial
                        + ")",
                "update audit_chain c set hash = audit_hash(c.previous, c.serial, a) from audit a"
                        + " where a.id = c.entry and c.serial = " + serial);

        assertEquals(Kind.UNLINKED, problem.kind());
        assertEquals(serial + 1, problem.serial());
    }

    @Test
    void namesEntriesThatLackWhatEachEntryHas() {
        String subject = recorded(3);
        long serial = serials(subject).get(1);

        Problem time = problemAfter(
                null,
                "alter table audit alter at drop not null",
                "update audit set at = null where id = (select entry from audit_chain where serial = " + serial + ")");
        assertEquals(Kind.CHANGED, time.kind());
        assertEquals(serial, time.serial());

        AuditVerification previous = verifiedAfter(
                null,
                "alter table audit_chain alter previous drop not null",
                "update audit_chain set previous = null where serial = " + serial);
        assertEquals(
                List.of(Kind.UNLINKED, Kind.CHANGED),
                previous.problems().stream().map(Problem::kind).toList());
    }

    @Test
    void anExpectedHeadFindsALogThatWasCutOrReplaced() {
        String subject = recorded(3);
        List<Long> serials = serials(subject);
        Head head = verifier.head();
        assertTrue(verifier.verify(head).valid());
        recorded(1);
        assertTrue(verifier.verify(head).valid());

        String cut = "delete from audit_chain where serial >= " + serials.get(1);
        String contents = "delete from audit where not exists (select from audit_chain where entry = audit.id)";
        assertTrue(verifiedAfter(null, cut, contents).valid());
        Problem end = problemAfter(head, cut, contents);
        assertEquals(Kind.CUT, end.kind());
        assertEquals(head.serial(), end.serial());

        // All hashes from the change on are computed again: the chain is whole, but not the one that it was.
        String changed = "update audit set actor = 'bob' where id = (select entry from audit_chain where serial = "
                + serials.get(1) + ")";
        String rewritten = """
                do $$ declare one record; begin
                    create temporary table again on commit drop as
                        select a from audit_chain c join audit a on a.id = c.entry where serial >= %1$d order by serial;
                    delete from audit_chain where serial >= %1$d;
                    for one in select a from again loop perform audit_append(one.a); end loop;
                end $$""".formatted(serials.get(1));
        assertTrue(verifiedAfter(null, changed, rewritten).valid());
        assertEquals(Kind.CUT, problemAfter(head, changed, rewritten).kind());
    }

    @Test
    void refusesToChangeTheLog() {
        recorded(1);
        for (String statement : List.of(
                "update audit set actor = 'x'",
                "delete from audit",
                "truncate audit cascade",
                "update audit_chain set serial = serial + 1",
                "delete from audit_chain",
                "truncate audit_chain")) {
            String message = assertThrows(
                            Exception.class, () -> jdbi.useHandle(handle -> handle.execute(statement)), statement)
                    .getMessage();
            assertTrue(message.contains("append-only"), message);
        }
    }

    @Test
    void entriesOfAnEarlierVersionArePutIntoTheChain() {
        Flyway another = Flyway.configure()
                .configuration(flyway.getConfiguration())
                .defaultSchema("audit_upgrade")
                .schemas("audit_upgrade")
                .target("4")
                .initSql("set lock_timeout = '20s'")
                .load();
        String old = "insert into audit_upgrade.audit (id, actor, action, subject, detail)"
                + " values (gen_random_uuid(), 'ann', 'note.create', 'x', 'a \"detail\", änderung')";
        try {
            another.migrate();
            jdbi.useHandle(handle -> IntStream.range(0, 20).forEach(_ -> handle.execute(old)));
            migrate(another, "5");
            // A replica of the earlier version adds an entry while the others are chained: neither waits for the other.
            try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
                QuarkusTransaction.requiringNew()
                        .run(() -> jdbi.useHandle(handle -> {
                            handle.execute(old);
                            CompletableFuture.runAsync(() -> migrate(another, "6"), thread)
                                    .join();
                        }));
            }
            migrate(another, "latest");
            jdbi.useHandle(handle -> handle.execute(old)); // it still runs

            AuditVerification verification = QuarkusTransaction.requiringNew().call(() -> {
                jdbi.useHandle(handle -> handle.execute("set local search_path to audit_upgrade"));
                return verifier.verify(null);
            });

            assertEquals(List.of(), verification.problems());
            assertEquals(22, verification.entries());
        } finally {
            jdbi.useHandle(handle -> handle.execute("drop schema if exists audit_upgrade cascade"));
        }
    }

    private static void migrate(Flyway flyway, String target) {
        Flyway.configure()
                .configuration(flyway.getConfiguration())
                .target(target)
                .load()
                .migrate();
    }

    @Test
    void aPageFollowsTheOtherAndFiltersSelect() {
        String subject = recorded(5);
        List<Long> newestFirst = serials(subject).reversed();
        List<Long> listed = new ArrayList<>();
        String cursor = null;
        do {
            Response page = given().queryParam("subject", subject)
                    .queryParam("limit", 2)
                    .queryParam("cursor", cursor == null ? List.of() : List.of(cursor))
                    .get(PATH);
            page.then().statusCode(200);
            page.<List<Integer>>path("items.serial").forEach(serial -> listed.add(serial.longValue()));
            cursor = page.path("nextCursor");
        } while (cursor != null);
        assertEquals(newestFirst, listed);

        given().get(PATH + "?subject=" + subject + "&actor=ann&action=note.&limit=1")
                .then()
                .body(
                        "items", hasSize(1),
                        "items[0].after.size", equalTo(4),
                        "items[0].before.size", equalTo(3),
                        "items[0].detail", equalTo("änderung 4"));
        for (String none :
                List.of("actor=bob", "action=other", "to=2020-01-01T00:00:00Z", "from=2999-01-01T00:00:00Z")) {
            given().get(PATH + "?subject=" + subject + "&" + none).then().body("items", hasSize(0));
        }
        record(Change.of(new UUID(0, 1), "ann", "note.change", subject));
        record(Change.of(new UUID(0, 2), "ann", "note.change", subject));
        given().get(PATH + "?project=1&subject=" + subject)
                .then()
                .statusCode(200)
                .body("items.projectId", contains(new UUID(0, 1).toString()));
        for (String wrong : List.of("from=yesterday", "to=%2B1000000000-01-01T00:00:00Z", "limit=0")) {
            given().get(PATH + "?" + wrong).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        }
        given().get(PATH + "?cursor=YWJj").then().statusCode(400).body("code", equalTo("INVALID_CURSOR"));
        given().get("/api/v1/audit/other-service")
                .then()
                .statusCode(404)
                .body("code", equalTo("AUDIT_NOT_FOUND"), "detail", startsWith("there is no audit log of"));
    }

    @Test
    void theExportHasTheHashesOfTheEntries() throws Exception {
        String subject = recorded(1_100);
        String export = given().get(PATH + "/export?subject=" + subject)
                .then()
                .statusCode(200)
                .contentType("application/jsonl")
                .extract()
                .asString();

        List<String> lines = export.lines().toList();
        assertEquals(1_100, lines.size());
        assertTrue(lines.getFirst().startsWith("{\"service\":\"library-under-test\",\"serial\":"), lines.getFirst());
        JsonNode last = json.readTree(lines.getLast());
        assertEquals(serials(subject).getLast(), last.path("serial").asLong());
        JsonNode before = json.readTree(lines.get(1_098));
        assertEquals(before.path("hash").asText(), last.path("previous").asText());
        assertEquals(1_099, last.path("after").path("size").asInt());
    }

    @Test
    void theVerificationAnswersWithTheHead() {
        recorded(1);
        Head head = verifier.head();
        given().get(PATH + "/verification?expectHead=" + head)
                .then()
                .statusCode(200)
                .body(
                        "valid", equalTo(true),
                        "problems", hasSize(0),
                        "head.serial", equalTo((int) head.serial()),
                        "head.hash", equalTo(head.hash()));
        given().get(PATH + "/verification?expectHead=" + (head.serial() + 9) + ":" + head.hash())
                .then()
                .body("valid", equalTo(false), "problems.kind", contains("CUT"));
        given().get(PATH + "/verification?expectHead=7")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
    }
}
