package dev.loupe.inference.traffic;

import dev.loupe.inference.registry.Canaries;
import dev.loupe.inference.registry.Canaries.Share;
import dev.loupe.inference.registry.CanaryChange;
import dev.loupe.inference.registry.CanaryRepository;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelLookup;
import dev.loupe.inference.traffic.Rollout.State;
import dev.loupe.inference.traffic.RolloutAnalysis.Outcome;
import dev.loupe.inference.traffic.RolloutAnalysis.Verdict;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/**
 * Starts rollouts, and takes their steps. Each is one transaction, in which the rollout is locked before its alias. The
 * change of the candidate, the audit entries and the events are part of it.
 */
@ApplicationScoped
class Rollouts {
    /** Who changes the candidate in the steps of a rollout. */
    static final String ACTOR = "rollout";

    private final RolloutRepository rollouts;
    private final Canaries canaries;
    private final CanaryRepository repository;
    private final RolloutEvidence evidence;
    private final ModelLookup lookup;
    private final RolloutLog log;

    Rollouts(
            RolloutRepository rollouts,
            Canaries canaries,
            CanaryRepository repository,
            RolloutEvidence evidence,
            ModelLookup lookup,
            RolloutLog log) {
        this.rollouts = rollouts;
        this.canaries = canaries;
        this.repository = repository;
        this.evidence = evidence;
        this.lookup = lookup;
        this.log = log;
    }

    /**
     * Returns the last rollout of an alias; while it runs, with what is known now.
     *
     * @throws ServiceException {@code ROLLOUT_NOT_FOUND}
     */
    Rollout find(Model model, String alias) {
        Rollout rollout = rollouts.find(model.projectId(), alias)
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.ROLLOUT_NOT_FOUND,
                        "model '%s': alias %s has had no rollout".formatted(model.name(), QuotedInput.of(alias))));
        return rollout.state() != State.RUNNING
                ? rollout
                : repository
                        .find(model.projectId(), alias)
                        .map(canary ->
                                rollout.found(evidence.verdict(rollout, canary).message()))
                        .orElse(rollout);
    }

    /**
     * Gives a candidate the weight of the first step; a rollout that runs is replaced.
     *
     * @throws ServiceException those of {@link Canaries#set}
     */
    @Transactional
    Rollout start(Model model, RolloutPlan plan, Share first) {
        rollouts.lock(model.projectId(), first.alias());
        CanaryChange change = canaries.set(model, first);
        Instant now = now();
        return save(
                model,
                new Rollout(
                        model.projectId(),
                        first.alias(),
                        change.candidate(),
                        change.revision(),
                        plan,
                        0,
                        State.RUNNING,
                        "the first step has begun",
                        first.force(),
                        first.reason(),
                        first.actor(),
                        now,
                        now),
                first.actor());
    }

    /**
     * Takes the next step of a rollout if it is due, or ends it. Nothing while another replica does so.
     *
     * @throws ServiceException those of {@link Canaries#set}; nothing has changed then
     */
    @Transactional
    void advance(UUID projectId, String alias) {
        Rollout rollout = rollouts.lockRunning(projectId, alias).orElse(null);
        if (rollout == null) {
            return;
        }
        Model model = lookup.require(projectId.toString());
        CanaryChange canary = repository.find(projectId, alias).orElseThrow();
        if (!canary.active() || canary.revision() != rollout.revision()) {
            String why = "the candidate was changed by '" + canary.actor() + "': " + canary.kind();
            save(model, rollout.ended(State.STOPPED, why), ACTOR);
            return;
        }
        Verdict verdict = evidence.verdict(rollout, canary);
        boolean baked = !rollout.stepStartedAt()
                .plusSeconds(rollout.plan().bakeSeconds())
                .isAfter(now());
        if (verdict.outcome() == Outcome.FAIL) {
            canaries.rollBack(model, alias, rollout.revision(), verdict.message(), ACTOR);
            save(model, rollout.ended(State.ROLLED_BACK, verdict.message()), ACTOR);
        } else if (baked && verdict.outcome() == Outcome.INCONCLUSIVE) {
            save(model, rollout.ended(State.STOPPED, "too little evidence: " + verdict.message()), ACTOR);
        } else if (baked) {
            passed(model, rollout, verdict);
        }
    }

    private void passed(Model model, Rollout rollout, Verdict verdict) {
        int next = rollout.step() + 1;
        if (next == rollout.plan().steps().size()) {
            save(model, rollout.ended(State.SUCCEEDED, verdict.message()), ACTOR);
            return;
        }
        CanaryChange change = canaries.set(
                model,
                new Share(
                        rollout.alias(),
                        rollout.candidate(),
                        rollout.plan().steps().get(next),
                        null,
                        rollout.revision(),
                        rollout.force(),
                        rollout.force() ? rollout.reason() : verdict.message(),
                        ACTOR));
        save(model, rollout.stepped(change.revision(), verdict.message(), now()), ACTOR);
    }

    /** Stops a rollout whose next step is refused. */
    @Transactional
    void stop(UUID projectId, String alias, ServiceException refused) {
        rollouts.lockRunning(projectId, alias)
                .ifPresent(rollout -> save(
                        lookup.require(projectId.toString()),
                        rollout.ended(State.STOPPED, refused.code() + ": " + refused.getMessage()),
                        ACTOR));
    }

    private Rollout save(Model model, Rollout rollout, String actor) {
        rollouts.save(rollout);
        log.changed(model, rollout, actor);
        return rollout;
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }
}
