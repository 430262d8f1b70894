package dev.loupe.inference.registry;

import dev.loupe.inference.registry.Gate.Measured;
import dev.loupe.inference.registry.Gate.Verdict;
import dev.loupe.inference.registry.PolicyRepository.StoredPolicy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;

/** Collects the evidence for a promotion, and checks it against the policy of the project. */
@ApplicationScoped
class PromotionChecks {
    private final ModelLookup lookup;
    private final ModelRepository models;
    private final EvidenceRepository evidence;
    private final Policies policies;

    /** The checks of a promotion, and the policy that they follow from. */
    record Assessment(StoredPolicy policy, Verdict verdict) {}

    PromotionChecks(ModelLookup lookup, ModelRepository models, EvidenceRepository evidence, Policies policies) {
        this.lookup = lookup;
        this.models = models;
        this.evidence = evidence;
        this.policies = policies;
    }

    /**
     * Checks a candidate, in the transaction that may promote it.
     *
     * @param incumbent number of the version that the alias points at, null if the alias is new
     */
    Assessment assess(Model model, Integer incumbent, ModelVersion candidate) {
        StoredPolicy policy = policies.get(model);
        Verdict verdict = new Gate(policy.policy())
                .check(model, incumbent == null ? null : measured(model, incumbent, candidate), measured(candidate));
        return new Assessment(policy, verdict);
    }

    /** The incumbent; with its metrics on the TEST images of the candidate, if an evaluation run has measured them. */
    private Measured measured(Model model, int incumbent, ModelVersion candidate) {
        ModelVersion version = lookup.requireVersion(model, incumbent);
        return measured(
                version.testDigest().equals(candidate.testDigest())
                        ? version
                        : models.findEvaluation(version.runId(), candidate.testDigest())
                                .map(version::evaluated)
                                .orElse(version));
    }

    /** With metrics that only an evaluation run on its own TEST images has measured. */
    private Measured measured(ModelVersion version) {
        Map<String, Double> metrics = new HashMap<>();
        models.findEvaluation(version.runId(), version.testDigest())
                .ifPresent(evaluation -> metrics.putAll(evaluation.metrics()));
        metrics.putAll(version.metrics());
        return new Measured(
                version.number(),
                version.datasetVersion(),
                version.testDigest(),
                metrics,
                evidence.find(version.runId(), version.testDigest()).orElse(null));
    }
}
