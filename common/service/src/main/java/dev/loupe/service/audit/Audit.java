package dev.loupe.service.audit;

import dev.loupe.service.database.Ids;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import org.jdbi.v3.core.Jdbi;

/** The append-only record of who changed what. */
@ApplicationScoped
public class Audit {
    private final Jdbi jdbi;

    Audit(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Records a change, in the transaction that makes it.
     *
     * @param actor who made the change
     * @param action kind of change, such as {@code alias.move}
     * @param subject what was changed
     * @param detail details for people
     */
    @Transactional(TxType.MANDATORY)
    public void record(String actor, String action, String subject, String detail) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into audit (id, actor, action, subject, detail)
                        values (:id, :actor, :action, :subject, :detail)""")
                .bind("id", Ids.next())
                .bind("actor", actor)
                .bind("action", action)
                .bind("subject", subject)
                .bind("detail", detail)
                .execute());
    }
}
