package dev.loupe.inference.registry;

import dev.loupe.events.v1.AliasMoved;
import dev.loupe.inference.registry.AliasMove.Kind;
import dev.loupe.inference.registry.Gate.Outcome;
import dev.loupe.inference.registry.Gate.Verdict;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Moves aliases. The compare-and-set on the alias's generation, its history, the audit entry and the event are one
 * transaction. Of two concurrent moves from the same generation, one succeeds.
 */
@ApplicationScoped
class Promotions {
    private final ModelLookup lookup;
    private final ModelRepository models;
    private final AliasRepository aliases;
    private final Outbox outbox;
    private final Audit audit;
    private final Gate gate;

    Promotions(
            ModelLookup lookup,
            ModelRepository models,
            AliasRepository aliases,
            Outbox outbox,
            Audit audit,
            PromotionConfig config) {
        this.lookup = lookup;
        this.models = models;
        this.aliases = aliases;
        this.outbox = outbox;
        this.audit = audit;
        this.gate = new Gate(config.tolerance());
    }

    /**
     * A request to point an alias at a version.
     *
     * @param expectedGeneration generation that the alias must be at, 0 if it must not exist, null for any
     * @param force whether to promote even if the gate rejects the version
     * @param reason reason for the history; may be null only without force
     */
    record Promotion(String alias, int version, Long expectedGeneration, boolean force, String reason, String actor) {}

    /**
     * Points the alias at the version. Does nothing if it already points there.
     *
     * @throws ServiceException {@code GATE_FAILED}, {@code GATE_NOT_COMPARABLE}, {@code STALE_GENERATION}
     */
    @Transactional
    AliasMove promote(Model model, Promotion promotion) {
        Optional<AliasMove> current = aliases.lock(model.projectId(), promotion.alias());
        requireGeneration(model, promotion.alias(), current, promotion.expectedGeneration());
        ModelVersion candidate = models.retain(model.projectId(), promotion.version())
                .orElseThrow(() -> ModelLookup.noVersion(model, promotion.version()));
        if (current.isPresent() && current.get().version() == promotion.version()) {
            return current.get();
        }
        Integer incumbent = current.map(AliasMove::version).orElse(null);
        Verdict verdict =
                gate.compare(model.task(), incumbent == null ? null : measured(model, incumbent, candidate), candidate);
        Outcome outcome = verdict.outcome();
        if (outcome == Outcome.FAILED || outcome == Outcome.NOT_COMPARABLE) {
            if (!promotion.force()) {
                throw refused(model, promotion, incumbent, verdict);
            }
            outcome = Outcome.FORCED;
        }
        long generation = current.map(AliasMove::generation).orElse(0L);
        return move(
                model,
                new AliasMove(
                        promotion.alias(),
                        promotion.version(),
                        generation + 1,
                        incumbent,
                        Kind.PROMOTION,
                        outcome,
                        verdict.detail(),
                        promotion.reason(),
                        promotion.actor(),
                        Instant.now().truncatedTo(ChronoUnit.MICROS),
                        generation == 0 ? null : generation));
    }

    /** The incumbent; with its metrics on the TEST images of the candidate, if an evaluation run has measured them. */
    private ModelVersion measured(Model model, int incumbent, ModelVersion candidate) {
        ModelVersion version = lookup.requireVersion(model, incumbent);
        return version.testDigest().equals(candidate.testDigest())
                ? version
                : models.findEvaluation(version.runId(), candidate.testDigest())
                        .map(version::evaluated)
                        .orElse(version);
    }

    /**
     * Returns the move to the version that a rollback of the alias restores.
     *
     * @throws ServiceException {@code NOTHING_TO_ROLL_BACK} if there is none, or the version was deleted
     */
    AliasMove rollbackTarget(Model model, AliasMove current) {
        AliasMove target = previous(model, current);
        models.findVersion(model.projectId(), target.version()).orElseThrow(() -> deletedTarget(model, target));
        return target;
    }

    private static ServiceException deletedTarget(Model model, AliasMove target) {
        return new ServiceException(
                ErrorCode.NOTHING_TO_ROLL_BACK,
                "model '%s': alias '%s' would go back to version %d, which was deleted; promote another version"
                        .formatted(model.name(), target.alias(), target.version()));
    }

    private AliasMove previous(Model model, AliasMove current) {
        return Optional.ofNullable(current.rollbackGeneration())
                .flatMap(generation -> aliases.findMove(model.projectId(), current.alias(), generation))
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.NOTHING_TO_ROLL_BACK,
                        "model '%s': alias '%s' has no version before version %d"
                                .formatted(model.name(), current.alias(), current.version())));
    }

    /**
     * Points the alias at the version before its last promotion that was not rolled back.
     *
     * @param from move that must be the current state of the alias
     */
    @Transactional
    AliasMove rollback(Model model, AliasMove from, String actor) {
        Optional<AliasMove> current = aliases.lock(model.projectId(), from.alias());
        requireGeneration(model, from.alias(), current, from.generation());
        AliasMove target = rollbackTarget(model, from);
        models.retain(model.projectId(), target.version()).orElseThrow(() -> deletedTarget(model, target));
        return move(
                model,
                new AliasMove(
                        from.alias(),
                        target.version(),
                        from.generation() + 1,
                        from.version(),
                        Kind.ROLLBACK,
                        Outcome.NOT_ASKED,
                        "back to the version of generation " + target.generation(),
                        null,
                        actor,
                        Instant.now().truncatedTo(ChronoUnit.MICROS),
                        target.rollbackGeneration()));
    }

    private static ServiceException refused(Model model, Promotion promotion, int incumbent, Verdict verdict) {
        boolean failed = verdict.outcome() == Outcome.FAILED;
        return new ServiceException(
                failed ? ErrorCode.GATE_FAILED : ErrorCode.GATE_NOT_COMPARABLE,
                "model '%s': version %d %s version %d, the current '%s': %s; to promote it anyway, send 'force' with a 'reason'"
                        .formatted(
                                model.name(),
                                promotion.version(),
                                failed ? "is worse than" : "cannot be compared with",
                                incumbent,
                                promotion.alias(),
                                verdict.detail()));
    }

    private AliasMove move(Model model, AliasMove move) {
        if (!aliases.move(model.projectId(), move)) {
            throw stale(model, move.alias(), move.generation() - 1, move.generation());
        }
        audit.record(
                move.actor(),
                move.kind() == Kind.ROLLBACK ? "alias.rollback" : "alias.promote",
                "models/" + model.name() + "/aliases/" + move.alias(),
                "version %s -> %d, generation %d, gate %s: %s%s"
                        .formatted(
                                move.previousVersion(),
                                move.version(),
                                move.generation(),
                                move.gate(),
                                move.gateDetail(),
                                move.reason() == null ? "" : "; reason: " + move.reason()));
        outbox.add(
                "loupe.models",
                model.projectId().toString(),
                "dev.loupe.alias-moved.v1",
                AliasMoved.newBuilder()
                        .setProjectId(model.projectId().toString())
                        .setProjectName(model.name())
                        .setAlias(move.alias())
                        .setVersion(move.version())
                        .setGeneration(move.generation())
                        .setActor(move.actor())
                        .build()
                        .toByteArray());
        return move;
    }

    private static void requireGeneration(Model model, String alias, Optional<AliasMove> current, Long expected) {
        long actual = current.map(AliasMove::generation).orElse(0L);
        if (expected != null && expected != actual) {
            throw stale(model, alias, expected, actual);
        }
    }

    static ServiceException stale(Model model, String alias, long expected, long actual) {
        return new ServiceException(
                ErrorCode.STALE_GENERATION,
                "model '%s': alias '%s' is at generation %d, expected %d: it moved in the meantime"
                        .formatted(model.name(), alias, actual, expected));
    }
}
