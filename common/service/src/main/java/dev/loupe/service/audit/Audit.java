package dev.loupe.service.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.service.database.Ids;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import org.jdbi.v3.core.Jdbi;

/**
 * Writes the audit log: the append-only record of who changed what. The database adds each entry to the chain of hashes
 * when the transaction commits.
 */
@ApplicationScoped
public class Audit {
    private final Jdbi jdbi;
    private final ObjectMapper json;

    Audit(Jdbi jdbi, ObjectMapper json) {
        this.jdbi = jdbi;
        this.json = json;
    }

    /** Records a change, in the transaction that makes it. A change by an API token is on behalf of its creator. */
    @Transactional(TxType.MANDATORY)
    public void record(Change change) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into audit (id, actor, on_behalf_of, project_id, action, subject, detail, before, after)
                        values (:id, :actor, coalesce(:onBehalfOf, (
                                select created_by from api_token where 'token:' || name = :actor
                                order by revoked_at is null desc, created_at desc limit 1)),
                            :project, :action, :subject, :detail, :before, :after)""")
                .bind("id", Ids.next())
                .bind("actor", change.actor())
                .bind("onBehalfOf", change.onBehalfOf())
                .bind("project", change.projectId())
                .bind("action", change.action())
                .bind("subject", change.subject())
                .bind("detail", change.detail())
                .bind("before", text(change.before()))
                .bind("after", text(change.after()))
                .execute());
    }

    private String text(Object values) {
        try {
            return values == null ? null : json.writeValueAsString(values);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // our own records always serialize
        }
    }
}
