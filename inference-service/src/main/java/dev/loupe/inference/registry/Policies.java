package dev.loupe.inference.registry;

import dev.loupe.inference.registry.PolicyRepository.StoredPolicy;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Reads and replaces the promotion policies of projects. */
@ApplicationScoped
class Policies {
    private final PolicyRepository policies;
    private final Audit audit;
    private final double tolerance;

    Policies(PolicyRepository policies, Audit audit, PromotionConfig config) {
        this.policies = policies;
        this.audit = audit;
        this.tolerance = config.tolerance();
        if (!(tolerance >= 0 && tolerance <= 1)) {
            throw new IllegalArgumentException("loupe.inference.promotion.tolerance: expected 0..1, got " + tolerance);
        }
    }

    /** Returns the policy of a project with all defaults. */
    StoredPolicy get(Model model) {
        StoredPolicy stored = policies.find(model.projectId()).orElseGet(StoredPolicy::standard);
        return new StoredPolicy(
                stored.revision(), stored.policy().withTolerance(tolerance), stored.actor(), stored.changedAt());
    }

    /**
     * Replaces the policy of a project.
     *
     * @param expectedRevision revision that it must be at, 0 if none was set, null for any
     * @throws ServiceException {@code STALE_REVISION}
     */
    @Transactional
    StoredPolicy replace(Model model, PromotionPolicy policy, Long expectedRevision, String actor) {
        StoredPolicy before = get(model);
        StoredPolicy after = new StoredPolicy(
                before.revision() + 1, policy, actor, Instant.now().truncatedTo(ChronoUnit.MICROS));
        if (expectedRevision != null && expectedRevision != before.revision()
                || !policies.replace(model.projectId(), after)) {
            throw new ServiceException(
                    ErrorCode.STALE_REVISION,
                    "model '%s': expected revision %d of the promotion policy, got %d: it changed in the meantime"
                            .formatted(
                                    model.name(),
                                    expectedRevision == null ? before.revision() : expectedRevision,
                                    get(model).revision()));
        }
        audit.record(
                Change.of(model.projectId(), actor, "policy.replace", "models/" + model.name() + "/promotion-policy")
                        .detail("revision " + after.revision())
                        .values(before.policy(), policy));
        return get(model);
    }
}
