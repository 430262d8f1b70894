package dev.loupe.service.audit.log;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/** Reads the audit log of this service. */
@ApplicationScoped
class AuditLog {
    private static final String ENTRIES = """
            select c.serial, a.id, a.at, a.actor, a.on_behalf_of, a.project_id, a.action, a.subject, a.detail, a.before,
                a.after, c.previous, c.hash
            from audit_chain c join audit a on a.id = c.entry
            where (:projects::uuid[] is null or a.project_id = any(:projects::uuid[]))
              and (:actor::text is null or a.actor = :actor)
              and (:action::text is null or starts_with(a.action, :action))
              and (:subject::text is null or starts_with(a.subject, :subject))
              and (:from::timestamptz is null or a.at >= :from)
              and (:to::timestamptz is null or a.at < :to)
            """;

    private final Jdbi jdbi;

    AuditLog(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Entries with smaller serial numbers, the newest first. */
    List<AuditEntry> newestBefore(long serial, AuditFilter filter, int limit) {
        return find(ENTRIES + "and c.serial < :serial order by c.serial desc limit :limit", serial, filter, limit);
    }

    /** Entries with greater serial numbers, the oldest first. */
    List<AuditEntry> oldestAfter(long serial, AuditFilter filter, int limit) {
        return find(ENTRIES + "and c.serial > :serial order by c.serial limit :limit", serial, filter, limit);
    }

    private List<AuditEntry> find(String query, long serial, AuditFilter filter, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery(query)
                .bindByType("projects", filter.projects(), UUID[].class)
                .bind("actor", filter.actor())
                .bind("action", filter.action())
                .bind("subject", filter.subject())
                .bind("from", filter.from())
                .bind("to", filter.to())
                .bind("serial", serial)
                .bind("limit", limit)
                .map(ConstructorMapper.of(AuditEntry.class))
                .list());
    }
}
