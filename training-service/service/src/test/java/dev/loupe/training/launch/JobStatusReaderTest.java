package dev.loupe.training.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kubelet's own words, as its sources have them; that it says so is seen on a cluster. */
class JobStatusReaderTest {
    private static final Job JOB = new JobBuilder()
            .withNewMetadata()
            .withName("job")
            .endMetadata()
            .withNewSpec()
            .endSpec()
            .withNewStatus()
            .endStatus()
            .build();

    private static Pod evicted(String message) {
        return new PodBuilder()
                .withNewMetadata()
                .withCreationTimestamp("2026-11-21T06:00:00Z")
                .endMetadata()
                .withNewStatus()
                .withPhase("Failed")
                .withReason("Evicted")
                .withMessage(message)
                .addNewCondition()
                .withType("DisruptionTarget")
                .withStatus("True")
                .withReason("TerminationByKubelet")
                .withMessage(message)
                .endCondition()
                .endStatus()
                .build();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Usage of EmptyDir volume \"scratch\" exceeds the limit \"1Mi\". ",
                "Container trainer exceeded its local ephemeral storage limit \"1Gi\". ",
                "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. "
            })
    void whoWroteMoreThanItMayIsBlamedThoughItsJobGoesOn(String message) {
        ObservedJob seen = JobStatusReader.of(JOB, List.of(evicted(message)), Optional::empty);

        ObservedJob.Ended ended = assertInstanceOf(ObservedJob.Ended.class, seen);
        assertEquals(OptionalInt.empty(), ended.exitCode());
        assertEquals("SCRATCH_FULL: it wrote more than it may (" + message.strip() + ")", ended.reason());
    }

    @Test
    void fullDiskOfANodeIsNotCharged() {
        ObservedJob seen = JobStatusReader.of(
                JOB,
                List.of(evicted("The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: "
                        + "9Gi. Container trainer was using 12Gi, request is 0, has larger consumption of "
                        + "ephemeral-storage. ")),
                Optional::empty);

        ObservedJob.Pending pending = assertInstanceOf(ObservedJob.Pending.class, seen);
        assertTrue(pending.reason().startsWith("its pod was taken away, another one follows"), pending.reason());
    }
}
