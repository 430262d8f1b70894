package dev.loupe.inference.registry;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** Aliases and their history in the database. */
@ApplicationScoped
class AliasRepository {
    private static final String CURRENT = """
            select m.* from alias a
            join alias_move m on m.project_id = a.project_id and m.alias = a.name and m.generation = a.generation
            where a.project_id = :project""";

    private final Jdbi jdbi;

    AliasRepository(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** The latest move of an alias, which is its current state. */
    Optional<AliasMove> find(UUID projectId, String alias) {
        return jdbi.withHandle(handle -> handle.createQuery(CURRENT + " and a.name = :alias")
                .bind("project", projectId)
                .bind("alias", alias)
                .mapTo(AliasMove.class)
                .findOne());
    }

    /** As {@link #find}, and locks the alias, even one that does not exist yet, until the transaction ends. */
    Optional<AliasMove> lock(UUID projectId, String alias) {
        // In a separate query: one query would return the row as it was before the lock was acquired.
        jdbi.useHandle(handle -> handle.execute(
                "select pg_advisory_xact_lock(hashtextextended(?, 0))", "alias " + projectId + "/" + alias));
        return find(projectId, alias);
    }

    /** Lists the aliases of a model after the given name, ordered by name. */
    List<AliasMove> list(UUID projectId, String after, int limit) {
        return jdbi.withHandle(
                handle -> handle.createQuery(CURRENT + " and a.name > :after order by a.name limit :limit")
                        .bind("project", projectId)
                        .bind("after", after)
                        .bind("limit", limit)
                        .mapTo(AliasMove.class)
                        .list());
    }

    /** Returns the move of an alias to this generation; empty if there is none. */
    Optional<AliasMove> findMove(UUID projectId, String alias, long generation) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from alias_move
                        where project_id = :project and alias = :alias and generation = :generation""")
                .bind("project", projectId)
                .bind("alias", alias)
                .bind("generation", generation)
                .mapTo(AliasMove.class)
                .findOne());
    }

    /** Returns the latest move of an alias to this version; empty if it has never pointed at it. */
    Optional<AliasMove> findMoveTo(UUID projectId, String alias, int version) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from alias_move
                        where project_id = :project and alias = :alias and version = :version
                        order by generation desc limit 1""")
                .bind("project", projectId)
                .bind("alias", alias)
                .bind("version", version)
                .mapTo(AliasMove.class)
                .findOne());
    }

    /** Lists the aliases that point at the version, or that a rollback would point at it, ordered by name. */
    List<String> using(UUID projectId, int version) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select a.name from alias a
                        join alias_move m on m.project_id = a.project_id and m.alias = a.name
                                         and m.generation = a.generation
                        left join alias_move b on b.project_id = a.project_id and b.alias = a.name
                                              and b.generation = m.back_to
                        where a.project_id = :project and (a.version = :version or b.version = :version)
                        order by a.name""")
                .bind("project", projectId)
                .bind("version", version)
                .mapTo(String.class)
                .list());
    }

    /** Lists the moves of an alias below the given generation, newest first. */
    List<AliasMove> history(UUID projectId, String alias, long below, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from alias_move
                        where project_id = :project and alias = :alias and generation < :below
                        order by generation desc limit :limit""")
                .bind("project", projectId)
                .bind("alias", alias)
                .bind("below", below)
                .bind("limit", limit)
                .mapTo(AliasMove.class)
                .list());
    }

    /**
     * Moves an alias to the generation of the move, if it is at the generation before, and writes the history.
     *
     * @return false if the alias was at another generation
     */
    boolean move(UUID projectId, AliasMove move) {
        return jdbi.withHandle(handle -> {
            int moved = handle.createUpdate(move.generation() == 1 ? """
                                    insert into alias (project_id, name, version, generation)
                                    values (:project, :alias, :version, :generation) on conflict do nothing""" : """
                                    update alias set version = :version, generation = :generation
                                    where project_id = :project and name = :alias and generation = :generation - 1""")
                    .bind("project", projectId)
                    .bind("alias", move.alias())
                    .bind("version", move.version())
                    .bind("generation", move.generation())
                    .execute();
            return moved == 1
                    && handle.createUpdate("""
                                    insert into alias_move (project_id, alias, generation, version, previous_version,
                                        back_to, kind, gate, gate_detail, reason, actor, moved_at, checks,
                                        policy_revision, approved_by)
                                    values (:project, :alias, :generation, :version, :previousVersion,
                                        :rollbackGeneration, :kind, :gate, :gateDetail, :reason, :actor, :movedAt,
                                        cast(:checks as jsonb), :policyRevision, :approvedBy)""")
                                    .bind("project", projectId)
                                    .bindMethods(move)
                                    .execute()
                            == 1;
        });
    }
}
