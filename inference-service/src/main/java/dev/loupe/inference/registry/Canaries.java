package dev.loupe.inference.registry;

import dev.loupe.events.v1.CanaryChanged;
import dev.loupe.inference.registry.CanaryChange.Kind;
import dev.loupe.inference.registry.PromotionChecks.Assessment;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Transactional;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;

/**
 * Starts, changes and ends the candidates of aliases. A change, the audit entry and the event are one transaction, in
 * which the alias is locked: of two concurrent changes from the same revision, one succeeds.
 */
@ApplicationScoped
public class Canaries {
    /** Largest weight where the policy expects an approval: most requests stay on the approved version. */
    static final double MAX_UNAPPROVED_WEIGHT = 50;

    private final CanaryRepository canaries;
    private final AliasRepository aliases;
    private final ModelRepository models;
    private final PromotionChecks checks;
    private final Outbox outbox;
    private final Audit audit;
    private final SecureRandom seeds = new SecureRandom();

    Canaries(
            CanaryRepository canaries,
            AliasRepository aliases,
            ModelRepository models,
            PromotionChecks checks,
            Outbox outbox,
            Audit audit) {
        this.canaries = canaries;
        this.aliases = aliases;
        this.models = models;
        this.checks = checks;
        this.outbox = outbox;
        this.audit = audit;
    }

    /**
     * A request for a share of the requests to an alias.
     *
     * @param weight percentage, 0 to 100
     * @param shadow whether it also sees the images that the holder predicts; null: as before, at first not
     * @param expectedRevision revision that the alias' candidate must be at, 0 if it must never have had one, null for
     *     any
     * @param force whether the candidate gets requests although checks of the policy fail
     * @param reason reason for the history; may be null only without force
     */
    public record Share(
            String alias,
            int candidate,
            double weight,
            Boolean shadow,
            Long expectedRevision,
            boolean force,
            String reason,
            String actor) {}

    /**
     * Gives the candidate of an alias this weight; the first time, the version becomes the candidate. Does nothing if it
     * has that weight already.
     *
     * @throws ServiceException {@code ALIAS_NOT_FOUND}, {@code STALE_REVISION}, {@code CANARY_ACTIVE}, {@code
     *     CANARY_INVALID}, {@code GATE_FAILED}, {@code APPROVAL_REQUIRED}
     */
    @Transactional
    public CanaryChange set(Model model, Share share) {
        AliasMove holder =
                aliases.lock(model.projectId(), share.alias()).orElseThrow(() -> noAlias(model, share.alias()));
        Optional<CanaryChange> last = canaries.find(model.projectId(), share.alias());
        requireRevision(model, share.alias(), last, share.expectedRevision());
        ModelVersion candidate = models.retain(model.projectId(), share.candidate())
                .orElseThrow(() -> ModelLookup.noVersion(model, share.candidate()));
        if (candidate.number() == holder.version()) {
            throw new ServiceException(
                    ErrorCode.CANARY_INVALID,
                    "model '%s': expected a candidate other than version %d, which alias '%s' points at"
                            .formatted(model.name(), holder.version(), share.alias()));
        }
        Optional<CanaryChange> running = last.filter(CanaryChange::active);
        running.filter(change -> change.candidate() != share.candidate()).ifPresent(other -> {
            throw new ServiceException(
                    ErrorCode.CANARY_ACTIVE,
                    "model '%s': alias '%s' has the candidate version %d; promote or abort it before version %d becomes its candidate"
                            .formatted(model.name(), share.alias(), other.candidate(), share.candidate()));
        });
        boolean shadow =
                share.shadow() == null ? running.map(CanaryChange::shadow).orElse(false) : share.shadow();
        if (running.isPresent()
                && running.get().weight() == share.weight()
                && running.get().shadow() == shadow) {
            return running.get();
        }
        if (share.weight() > 0) {
            requireAllowed(model, share, holder, candidate);
        }
        CanaryChange change = running.map(
                        now -> now.next(Kind.WEIGHT_SET, share.weight(), shadow, share.reason(), share.actor(), now()))
                .orElseGet(() -> started(
                        share, shadow, holder, last.map(CanaryChange::revision).orElse(0L)));
        save(model, change);
        return change;
    }

    private CanaryChange started(Share share, boolean shadow, AliasMove holder, long revision) {
        return new CanaryChange(
                share.alias(),
                revision + 1,
                Kind.STARTED,
                true,
                holder.generation(),
                holder.version(),
                share.candidate(),
                share.weight(),
                shadow,
                false,
                seeds.nextLong(),
                share.reason(),
                share.actor(),
                now());
    }

    /** A check that fails keeps a candidate from requests; missing evidence does not, for a canary brings evidence. */
    private void requireAllowed(Model model, Share share, AliasMove holder, ModelVersion candidate) {
        Assessment assessment = checks.assess(model, holder.version(), candidate);
        if (assessment.verdict().outcome() == Gate.Outcome.FAILED && !(share.force() && share.reason() != null)) {
            throw new ServiceException(
                            ErrorCode.GATE_FAILED,
                            "model '%s': checks of version %d for '%s' fail: %s; to give it requests anyway, send 'force' with a 'reason'"
                                    .formatted(
                                            model.name(),
                                            share.candidate(),
                                            share.alias(),
                                            assessment.verdict().detail()))
                    .with("checks", assessment.verdict().checks())
                    .with("policyRevision", assessment.policy().revision());
        }
        if (assessment.policy().policy().approval() && share.weight() > MAX_UNAPPROVED_WEIGHT) {
            throw new ServiceException(
                    ErrorCode.APPROVAL_REQUIRED,
                    "model '%s': its promotion policy expects an approval; expected a weight of at most %s without one, got %s"
                            .formatted(model.name(), MAX_UNAPPROVED_WEIGHT, share.weight()));
        }
    }

    /**
     * Ends the candidate of an alias: its holder answers all requests.
     *
     * @throws ServiceException {@code ALIAS_NOT_FOUND}, {@code CANARY_NOT_FOUND}, {@code STALE_REVISION}
     */
    @Transactional
    CanaryChange abort(Model model, String alias, Long expectedRevision, String reason, String actor) {
        return end(model, alias, Kind.ABORTED, expectedRevision, reason, actor);
    }

    /** As {@link #abort}, because a bound of its rollout did not hold. */
    @Transactional
    public CanaryChange rollBack(Model model, String alias, long expectedRevision, String reason, String actor) {
        return end(model, alias, Kind.ROLLED_BACK, expectedRevision, reason, actor);
    }

    private CanaryChange end(Model model, String alias, Kind kind, Long expectedRevision, String reason, String actor) {
        aliases.lock(model.projectId(), alias).orElseThrow(() -> noAlias(model, alias));
        Optional<CanaryChange> last = canaries.find(model.projectId(), alias);
        requireRevision(model, alias, last, expectedRevision);
        CanaryChange running = last.filter(CanaryChange::active).orElseThrow(() -> noCandidate(model, alias));
        CanaryChange change = running.next(kind, 0, false, reason, actor, now());
        save(model, change);
        return change;
    }

    /** Ends the candidate of an alias in the transaction that moves it. */
    void moved(@Observes AliasChange move) {
        canaries.find(move.model().projectId(), move.move().alias())
                .filter(CanaryChange::active)
                .ifPresent(running -> {
                    boolean promoted = running.candidate() == move.move().version();
                    save(
                            move.model(),
                            running.next(
                                    promoted ? Kind.PROMOTED : Kind.SUPERSEDED,
                                    0,
                                    false,
                                    move.move().reason(),
                                    move.move().actor(),
                                    now()));
                });
    }

    private void save(Model model, CanaryChange change) {
        canaries.insert(model.projectId(), change);
        audit.record(Change.of(
                        model.projectId(),
                        change.actor(),
                        "canary." + change.kind().name().toLowerCase(Locale.ROOT),
                        "models/" + model.name() + "/aliases/" + change.alias() + "/canary")
                .detail("revision %d: candidate version %d, holder version %d, weight %s%s%s"
                        .formatted(
                                change.revision(),
                                change.candidate(),
                                change.holder(),
                                change.weight(),
                                change.shadow() ? ", shadow" : "",
                                change.reason() == null ? "" : "; reason: " + change.reason())));
        outbox.add(
                "loupe.models",
                model.projectId().toString(),
                "dev.loupe.canary-changed.v1",
                CanaryChanged.newBuilder()
                        .setProjectId(model.projectId().toString())
                        .setProjectName(model.name())
                        .setAlias(change.alias())
                        .setRevision(change.revision())
                        .setKind(change.kind().name())
                        .setActive(change.active())
                        .setGeneration(change.generation())
                        .setCandidate(change.candidate())
                        .setWeight(change.weight())
                        .setSeed(change.seed())
                        .setShadow(change.shadow())
                        .setActor(change.actor())
                        .build()
                        .toByteArray());
    }

    private static void requireRevision(Model model, String alias, Optional<CanaryChange> last, Long expected) {
        long actual = last.map(CanaryChange::revision).orElse(0L);
        if (expected != null && expected != actual) {
            throw new ServiceException(
                    ErrorCode.STALE_REVISION,
                    "model '%s': the candidate of alias '%s' is at revision %d, expected %d: it changed in the meantime"
                            .formatted(model.name(), alias, actual, expected));
        }
    }

    static ServiceException noCandidate(Model model, String alias) {
        return new ServiceException(
                ErrorCode.CANARY_NOT_FOUND, "model '%s': alias '%s' has no candidate".formatted(model.name(), alias));
    }

    static ServiceException noAlias(Model model, String alias) {
        return new ServiceException(
                ErrorCode.ALIAS_NOT_FOUND, "model '" + model.name() + "' has no alias " + QuotedInput.of(alias));
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }
}
