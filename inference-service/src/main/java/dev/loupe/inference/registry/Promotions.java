package dev.loupe.inference.registry;

import dev.loupe.events.v1.AliasMoved;
import dev.loupe.inference.registry.AliasMove.Kind;
import dev.loupe.inference.registry.Gate.Outcome;
import dev.loupe.inference.registry.PromotionChecks.Assessment;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Moves aliases. The checks, the compare-and-set on the alias's generation, its history, the audit entry and the event
 * are one transaction. Of two concurrent moves from the same generation, one succeeds.
 */
@ApplicationScoped
class Promotions {
    private final ModelRepository models;
    private final AliasRepository aliases;
    private final PromotionChecks checks;
    private final Event<AliasChange> changes;
    private final Outbox outbox;
    private final Audit audit;

    Promotions(
            ModelRepository models,
            AliasRepository aliases,
            PromotionChecks checks,
            Event<AliasChange> changes,
            Outbox outbox,
            Audit audit) {
        this.models = models;
        this.aliases = aliases;
        this.checks = checks;
        this.changes = changes;
        this.outbox = outbox;
        this.audit = audit;
    }

    /**
     * A request to point an alias at a version.
     *
     * @param expectedGeneration generation that the alias must be at, 0 if it must not exist, null for any
     * @param force whether to promote even if checks do not pass
     * @param reason reason for the history; may be null only without force
     * @param approvedBy who has approved it, null without an approval
     */
    record Promotion(
            String alias,
            int version,
            Long expectedGeneration,
            boolean force,
            String reason,
            String actor,
            String approvedBy) {}

    /**
     * Points the alias at the version. Does nothing if it already points there.
     *
     * @throws ServiceException {@code GATE_FAILED}, {@code GATE_INCONCLUSIVE}, {@code GATE_NOT_COMPARABLE}, {@code
     *     APPROVAL_REQUIRED}, {@code STALE_GENERATION}
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
        Assessment assessment = requirePassed(model, promotion, current, candidate);
        if (assessment.policy().policy().approval() && promotion.approvedBy() == null) {
            throw new ServiceException(
                    ErrorCode.APPROVAL_REQUIRED,
                    "model '%s': its promotion policy expects an approval by another person; request it (POST /api/v1/models/%1$s/promotions)"
                            .formatted(model.name()));
        }
        return move(model, planned(promotion, current, assessment, Instant.now().truncatedTo(ChronoUnit.MICROS)));
    }

    /**
     * Checks a promotion as {@link #promote} does; nothing is moved. The alias must be locked.
     *
     * @return whether it needs an approval
     * @throws ServiceException those of {@link #promote} but {@code APPROVAL_REQUIRED}
     */
    @Transactional(TxType.MANDATORY)
    boolean requireAllowed(Model model, Promotion promotion) {
        Optional<AliasMove> current = aliases.find(model.projectId(), promotion.alias());
        requireGeneration(model, promotion.alias(), current, promotion.expectedGeneration());
        ModelVersion candidate = models.retain(model.projectId(), promotion.version())
                .orElseThrow(() -> ModelLookup.noVersion(model, promotion.version()));
        return requirePassed(model, promotion, current, candidate)
                .policy()
                .policy()
                .approval();
    }

    /** Checks a promotion as {@link #promote} does, and returns the move that it would make; nothing is moved. */
    @Transactional
    AliasMove dryRun(Model model, Promotion promotion) {
        Optional<AliasMove> current = aliases.find(model.projectId(), promotion.alias());
        requireGeneration(model, promotion.alias(), current, promotion.expectedGeneration());
        ModelVersion candidate = models.findVersion(model.projectId(), promotion.version())
                .orElseThrow(() -> ModelLookup.noVersion(model, promotion.version()));
        Assessment assessment =
                checks.assess(model, current.map(AliasMove::version).orElse(null), candidate);
        return planned(promotion, current, assessment, null);
    }

    /** @param at time of the move, null in a dry run, whose outcome is that of the checks even if it is forced */
    private static AliasMove planned(
            Promotion promotion, Optional<AliasMove> current, Assessment assessment, Instant at) {
        long generation = current.map(AliasMove::generation).orElse(0L);
        boolean forced = at != null && !assessment.verdict().passed();
        return new AliasMove(
                promotion.alias(),
                promotion.version(),
                generation + 1,
                current.map(AliasMove::version).orElse(null),
                Kind.PROMOTION,
                forced ? Outcome.FORCED : assessment.verdict().outcome(),
                assessment.verdict().detail(),
                promotion.reason(),
                promotion.actor(),
                at,
                assessment.verdict().checks(),
                assessment.policy().revision(),
                promotion.approvedBy(),
                generation == 0 ? null : generation);
    }

    /**
     * Returns the move to the version that a rollback of the alias restores.
     *
     * @param version version to go back to, which the alias must have pointed at; null for the one before
     * @throws ServiceException {@code NOTHING_TO_ROLL_BACK} if there is none, or the version was deleted
     */
    AliasMove rollbackTarget(Model model, AliasMove current, Integer version) {
        AliasMove target = version == null ? previous(model, current) : earlier(model, current, version);
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

    private AliasMove earlier(Model model, AliasMove current, int version) {
        return aliases.findMoveTo(model.projectId(), current.alias(), version)
                .filter(_ -> version != current.version())
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.NOTHING_TO_ROLL_BACK,
                        "model '%s': expected a version that alias '%s' pointed at before version %d, got version %d"
                                .formatted(model.name(), current.alias(), current.version(), version)));
    }

    /**
     * Points the alias at an earlier version, by default at the one before its last promotion that was not rolled back.
     *
     * @param from move that must be the current state of the alias
     * @param version version to go back to, null for the default
     * @param reason reason for the history, may be null
     */
    @Transactional
    AliasMove rollback(Model model, AliasMove from, Integer version, String reason, String actor) {
        Optional<AliasMove> current = aliases.lock(model.projectId(), from.alias());
        requireGeneration(model, from.alias(), current, from.generation());
        AliasMove target = rollbackTarget(model, from, version);
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
                        reason,
                        actor,
                        Instant.now().truncatedTo(ChronoUnit.MICROS),
                        List.of(),
                        null,
                        null,
                        target.rollbackGeneration()));
    }

    /** Refuses a promotion whose checks do not pass, unless it is forced with a reason. */
    private Assessment requirePassed(
            Model model, Promotion promotion, Optional<AliasMove> current, ModelVersion candidate) {
        Assessment assessment =
                checks.assess(model, current.map(AliasMove::version).orElse(null), candidate);
        if (assessment.verdict().passed() || promotion.force() && promotion.reason() != null) {
            return assessment;
        }
        ErrorCode code =
                switch (assessment.verdict().outcome()) {
                    case NOT_COMPARABLE -> ErrorCode.GATE_NOT_COMPARABLE;
                    case INCONCLUSIVE -> ErrorCode.GATE_INCONCLUSIVE;
                    default -> ErrorCode.GATE_FAILED;
                };
        throw new ServiceException(
                        code,
                        "model '%s': the checks of version %d for '%s'%s did not pass: %s; to promote it anyway, send 'force' with a 'reason'"
                                .formatted(
                                        model.name(),
                                        promotion.version(),
                                        promotion.alias(),
                                        current.map(move -> ", now version " + move.version())
                                                .orElse(""),
                                        assessment.verdict().detail()))
                .with("checks", assessment.verdict().checks())
                .with("policyRevision", assessment.policy().revision());
    }

    /** What an alias points at, for the audit log. */
    private record Holder(int version, long generation) {}

    private AliasMove move(Model model, AliasMove move) {
        if (!aliases.move(model.projectId(), move)) {
            throw stale(model, move.alias(), move.generation() - 1, move.generation());
        }
        changes.fire(new AliasChange(model, move));
        audit.record(Change.of(
                        model.projectId(),
                        move.actor(),
                        move.kind() == Kind.ROLLBACK ? "alias.rollback" : "alias.promote",
                        "models/" + model.name() + "/aliases/" + move.alias())
                .values(
                        move.previousVersion() == null
                                ? null
                                : new Holder(move.previousVersion(), move.generation() - 1),
                        new Holder(move.version(), move.generation()))
                .detail("version %s -> %d, generation %d, gate %s: %s%s%s"
                        .formatted(
                                move.previousVersion(),
                                move.version(),
                                move.generation(),
                                move.gate(),
                                move.gateDetail(),
                                move.reason() == null ? "" : "; reason: " + move.reason(),
                                move.approvedBy() == null ? "" : "; approved by " + move.approvedBy())));
        outbox.add(
                "loupe.models",
                model.projectId().toString(),
                "dev.loupe.alias-moved.v1",
                event(model, move).toByteArray());
        return move;
    }

    private static AliasMoved event(Model model, AliasMove move) {
        AliasMoved.Builder event = AliasMoved.newBuilder()
                .setProjectId(model.projectId().toString())
                .setProjectName(model.name())
                .setAlias(move.alias())
                .setVersion(move.version())
                .setGeneration(move.generation())
                .setActor(move.actor())
                .setKind(move.kind().name())
                .setGate(move.gate().name());
        Optional.ofNullable(move.previousVersion()).ifPresent(event::setPreviousVersion);
        Optional.ofNullable(move.reason()).ifPresent(event::setReason);
        Optional.ofNullable(move.approvedBy()).ifPresent(event::setApprovedBy);
        return event.build();
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
