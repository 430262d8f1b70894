package dev.loupe.service.audit;

import dev.loupe.service.database.Ids;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
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
        record(actor, action, List.of(subject), detail);
    }

    /**
     * Records the same change of several subjects.
     *
     * @see #record(String, String, String, String)
     */
    @Transactional(TxType.MANDATORY)
    public void record(String actor, String action, Collection<String> subjects, String detail) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into audit (id, actor, action, subject, detail)
                        select id, :actor, :action, subject, :detail from unnest(:ids, :subjects) as n(id, subject)""")
                .bindArray(
                        "ids",
                        UUID.class,
                        subjects.stream().map(_ -> Ids.next()).toList())
                .bindArray("subjects", String.class, subjects)
                .bind("actor", actor)
                .bind("action", action)
                .bind("detail", detail)
                .execute());
    }
}
