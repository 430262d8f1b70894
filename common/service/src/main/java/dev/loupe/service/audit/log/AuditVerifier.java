package dev.loupe.service.audit.log;

import dev.loupe.service.audit.log.AuditVerification.Head;
import dev.loupe.service.audit.log.AuditVerification.Kind;
import dev.loupe.service.audit.log.AuditVerification.Problem;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/**
 * Verifies the audit log of this service, from the first entry to the last one. It computes all hashes itself, and reads in
 * pages: entries that are added meanwhile are verified too.
 */
@ApplicationScoped
class AuditVerifier {
    private static final int PAGE = 5_000;
    private static final int MAX_PROBLEMS = 100;

    private final Jdbi jdbi;

    /** A place in the chain; all fields of the entry are null if its row is missing. */
    public record Link(
            long serial,
            UUID entry,
            String previous,
            String hash,
            UUID id,
            Instant at,
            String actor,
            String onBehalfOf,
            UUID projectId,
            String action,
            String subject,
            String detail,
            String before,
            String after) {
        AuditEntry content() {
            return new AuditEntry(
                    serial,
                    id,
                    at,
                    actor,
                    onBehalfOf,
                    projectId,
                    action,
                    subject,
                    detail,
                    before,
                    after,
                    previous,
                    hash);
        }
    }

    AuditVerifier(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** @param expected a head that an earlier verification has found; null: none */
    AuditVerification verify(Head expected) {
        Findings findings = new Findings(expected);
        List<Link> page;
        do {
            page = after(findings.head.serial());
            page.forEach(findings::add);
        } while (page.size() == PAGE);
        findings.requireNoOtherPlaces(placesUntil(findings.head.serial()));
        findings.requireExpected();
        findings.addOutside(outsideTheChain());
        return new AuditVerification(
                findings.count == 0, findings.entries, findings.head, findings.count, findings.problems);
    }

    private List<Link> after(long serial) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select c.serial, c.entry, c.previous, c.hash, a.*
                        from audit_chain c left join audit a on a.id = c.entry
                        where c.serial > :serial order by c.serial limit :limit""")
                .bind("serial", serial)
                .bind("limit", PAGE)
                .map(ConstructorMapper.of(Link.class))
                .list());
    }

    /** Places in the chain: their number, and the smallest serial number; null if there is none. */
    public record Places(long count, Long smallest) {}

    private Places placesUntil(long serial) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select count(*) as count, min(serial) as smallest from audit_chain where serial <= :serial")
                .bind("serial", serial)
                .map(ConstructorMapper.of(Places.class))
                .one());
    }

    /** An entry that is not in the chain; with the number of all of them. */
    public record Outsider(UUID id, long count) {}

    /** The first entries that are not in the chain. */
    private List<Outsider> outsideTheChain() {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select a.id, count(*) over () as count
                        from audit a where not exists (select from audit_chain c where c.entry = a.id)
                        order by a.id limit :limit""")
                .bind("limit", MAX_PROBLEMS)
                .map(ConstructorMapper.of(Outsider.class))
                .list());
    }

    /** The last entry of the chain. */
    Head head() {
        return jdbi.withHandle(handle -> handle.createQuery(
                                "select serial, hash from audit_chain order by serial desc limit 1")
                        .map(ConstructorMapper.of(Head.class))
                        .findOne())
                .orElse(new Head(0, CanonicalForm.NO_HASH));
    }

    /** What is found on the way from the first entry to the last one. */
    private static final class Findings {
        private final Head expected;
        private final List<Problem> problems = new ArrayList<>();
        private Head head = new Head(0, CanonicalForm.NO_HASH);
        private long entries;
        private long count;
        private boolean met;

        Findings(Head expected) {
            this.expected = expected;
            this.met = expected == null || expected.equals(head);
        }

        void add(Link link) {
            long next = head.serial() + 1;
            if (link.serial() > next) {
                report(
                        Kind.REMOVED,
                        next,
                        null,
                        link.serial() == next + 1
                                ? "entry " + next + " was removed"
                                : "entries " + next + " to " + (link.serial() - 1) + " were removed");
            } else if (link.serial() < next) {
                report(
                        Kind.INSERTED,
                        link.serial(),
                        link.entry(),
                        "entry " + link.serial() + " (" + link.entry() + ") was inserted: another one has its place");
            } else if (!Objects.equals(link.previous(), head.hash())) {
                report(
                        Kind.UNLINKED,
                        link.serial(),
                        link.entry(),
                        "entry " + link.serial() + " does not follow entry " + head.serial()
                                + ": one of the two was replaced");
            }
            requireContent(link);
            entries++;
            head = new Head(link.serial(), link.hash());
            if (expected != null && expected.equals(head)) {
                met = true;
            }
        }

        private void requireContent(Link link) {
            String name = "entry " + link.serial() + " (" + link.entry() + ")";
            if (link.id() == null) {
                report(Kind.REMOVED, link.serial(), link.entry(), name + " was removed: it is in the chain only");
            } else if (!CanonicalForm.hash(link.content()).equals(link.hash())) {
                report(
                        Kind.CHANGED,
                        link.serial(),
                        link.entry(),
                        name + " was changed or moved: its hash is not that of its content and its place");
            }
        }

        /** The walk goes from 1 upwards, from page to page: it does not meet each place that a writer can make up. */
        void requireNoOtherPlaces(Places places) {
            boolean below = places.smallest() != null && places.smallest() < 1;
            if (below || places.count() != entries) {
                report(
                        Kind.INSERTED,
                        below ? places.smallest() : null,
                        null,
                        "the chain has %d places up to entry %d, expected %d: places below 1, or taken already, were inserted"
                                .formatted(places.count(), head.serial(), entries));
            }
        }

        void addOutside(List<Outsider> outsiders) {
            for (Outsider outsider : outsiders) {
                report(
                        Kind.INSERTED,
                        null,
                        outsider.id(),
                        "entry " + outsider.id() + " was inserted: it is in the log, but not in the chain");
            }
            if (!outsiders.isEmpty()) {
                count += outsiders.getFirst().count() - outsiders.size();
            }
        }

        void requireExpected() {
            if (!met) {
                report(
                        Kind.CUT,
                        expected.serial(),
                        null,
                        expected.serial() > head.serial()
                                ? "the log was cut: expected entry " + expected.serial() + ", got " + head.serial()
                                        + " as the last one"
                                : "entry " + expected.serial() + ": expected the hash " + expected.hash()
                                        + ", got another one: the log was replaced");
            }
        }

        void report(Kind kind, Long serial, UUID id, String message) {
            count++;
            if (problems.size() < MAX_PROBLEMS) {
                problems.add(new Problem(kind, serial, id, message));
            }
        }
    }
}
