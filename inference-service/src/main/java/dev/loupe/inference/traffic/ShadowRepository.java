package dev.loupe.inference.traffic;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatement;

/** Counts of shadow predictions, and the last disagreements, in the database. */
@ApplicationScoped
public class ShadowRepository {
    private static final String PAIR =
            "project_id = :projectId and alias = :alias and holder = :holder and candidate = :candidate";

    private final Jdbi jdbi;

    ShadowRepository(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Adds what a replica has counted, in one transaction. Nothing if the project was deleted.
     *
     * @param keep disagreements of the pair that are kept
     */
    @Transactional
    public void add(ShadowPair pair, ShadowCounts counts, List<Disagreement> disagreements, int keep) {
        jdbi.useHandle(handle -> {
            bind(handle.createUpdate("""
                                    insert into shadow_count (project_id, alias, holder, candidate, minute, images,
                                        disagreements, failed, dropped)
                                    select project_id, :alias, :holder, :candidate, date_trunc('minute', now()), :images,
                                        :disagreements, :failed, :dropped
                                    from model where project_id = :projectId
                                    on conflict (project_id, alias, holder, candidate, minute) do update
                                    set images = shadow_count.images + excluded.images,
                                        disagreements = shadow_count.disagreements + excluded.disagreements,
                                        failed = shadow_count.failed + excluded.failed,
                                        dropped = shadow_count.dropped + excluded.dropped"""), pair).bindMethods(counts).execute();
            disagreements.forEach(disagreement -> insert(handle, pair, disagreement));
            if (!disagreements.isEmpty()) {
                bind(
                                handle.createUpdate("delete from shadow_disagreement where " + PAIR
                                        + " and id not in (select id from shadow_disagreement where " + PAIR
                                        + " order by id desc limit :keep)"),
                                pair)
                        .bind("keep", keep)
                        .execute();
            }
        });
    }

    private static void insert(Handle handle, ShadowPair pair, Disagreement disagreement) {
        bind(handle.createUpdate("""
                                insert into shadow_disagreement (id, project_id, alias, holder, candidate, predicted_at,
                                    image_sha256, holder_answer, holder_score, candidate_answer, candidate_score)
                                select :id, project_id, :alias, :holder, :candidate, :predictedAt, :imageSha256,
                                    :holderAnswer, :holderScore, :candidateAnswer, :candidateScore
                                from model where project_id = :projectId"""), pair).bindMethods(disagreement).execute();
    }

    /** Adds up the counts of a pair. */
    ShadowCounts sum(ShadowPair pair) {
        return sumSince(pair, Instant.EPOCH);
    }

    /** Adds up the counts of a pair since the minute of this time. */
    ShadowCounts sumSince(ShadowPair pair, Instant since) {
        return jdbi.withHandle(handle -> bind(handle.createQuery("""
                                select coalesce(sum(images), 0)::bigint as images,
                                    coalesce(sum(disagreements), 0)::bigint as disagreements,
                                    coalesce(sum(failed), 0)::bigint as failed,
                                    coalesce(sum(dropped), 0)::bigint as dropped
                                from shadow_count
                                where minute >= date_trunc('minute', cast(:since as timestamptz)) and\s""" + PAIR), pair)
                .bind("since", since)
                .mapTo(ShadowCounts.class)
                .one());
    }

    /** Lists the last disagreements of a pair, newest first. */
    List<Disagreement> last(ShadowPair pair, int limit) {
        return jdbi.withHandle(handle -> bind(
                        handle.createQuery(
                                "select * from shadow_disagreement where " + PAIR + " order by id desc limit :limit"),
                        pair)
                .bind("limit", limit)
                .mapTo(Disagreement.class)
                .list());
    }

    private static <S extends SqlStatement<S>> S bind(S statement, ShadowPair pair) {
        return statement.bindMethods(pair);
    }
}
