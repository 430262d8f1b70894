package dev.loupe.inference.traffic;

import dev.loupe.inference.registry.Arm;
import dev.loupe.inference.registry.CanaryChange;
import dev.loupe.inference.runtime.ArmKey;
import dev.loupe.inference.traffic.RolloutAnalysis.Verdict;
import jakarta.enterprise.context.ApplicationScoped;

/** What all replicas have counted for a rollout, and what follows from it. */
@ApplicationScoped
class RolloutEvidence {
    private final ArmCountRepository counts;
    private final ShadowRepository shadows;

    RolloutEvidence(ArmCountRepository counts, ShadowRepository shadows) {
        this.counts = counts;
        this.shadows = shadows;
    }

    /**
     * Compares the requests of the present step, and the shadow predictions since the start of the rollout, with the
     * bounds. Shadow predictions of all steps count: with a weight of 100, the holder predicts nothing.
     */
    Verdict verdict(Rollout rollout, CanaryChange canary) {
        return new RolloutAnalysis(rollout.plan())
                .check(
                        counts.find(
                                new ArmKey(rollout.projectId(), rollout.alias(), rollout.revision(), Arm.CANDIDATE)),
                        shadows.sumSince(
                                new ShadowPair(
                                        rollout.projectId(), rollout.alias(), canary.holder(), canary.candidate()),
                                rollout.startedAt()));
    }
}
