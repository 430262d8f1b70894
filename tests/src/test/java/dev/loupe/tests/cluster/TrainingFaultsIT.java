package dev.loupe.tests.cluster;

import static dev.loupe.tests.cluster.InstalledLoupe.NAMESPACE;
import static dev.loupe.tests.cluster.InstalledLoupe.client;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs survive faults of the cluster and of training-service. */
@Tag("cluster")
@ExtendWith(InstalledLoupe.class)
@Tag("long")
class TrainingFaultsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Test
    void aRunWaitsForATaintedAndACordonedNodeAndResumesUncharged() throws IOException {
        ObservedRun run = ObservedRun.inTheMiddle();
        try (Node node = new Node()) {
            node.taint();
            run.awaitReason("untolerated taint");
            node.untaint();
            run.awaitState("RUNNING");
            node.cordon(true);
            client().pods()
                    .inNamespace(NAMESPACE)
                    .withLabel("loupe.dev/run", run.id())
                    .delete();
            run.awaitReason("unschedulable");
        }

        run.assertResumesAndSucceedsUncharged();
        assertKeptWhenItsJobIsRemoved(run);
    }

    private static void assertKeptWhenItsJobIsRemoved(ObservedRun run) throws IOException {
        client().resource(run.awaitJob()).edit(job -> {
            job.getSpec().setTtlSecondsAfterFinished(1);
            return job;
        });
        await("TTL")
                .atMost(PATIENCE)
                .until(() -> run.jobs().isEmpty() && run.pods().isEmpty());
        // A later run succeeds: the reconciler ignores that Job.
        new ObservedRun(InstalledLoupe.train(1, 8)).assertSucceedsUncharged();

        JsonNode after = run.state();
        assertEquals("SUCCEEDED", after.path("state").asText(), after.toPrettyString());
        assertEquals(1, after.path("attempt").asInt());
        assertEquals(1, run.versions());
        InstalledLoupe.loupe()
                .training()
                .logs(run.id(), false, log -> assertTrue(log.readAllBytes().length > 0, "its log is kept"));
    }

    @Test
    void kueueAdmitsEvictsAndAdmitsAgainAndTheRunNeverFails() {
        InstalledLoupe.install("trainer.queueName=team");
        InstalledLoupe.reconnect();
        try {
            ObservedRun run = new ObservedRun(InstalledLoupe.train(24, 9));
            Job job = run.awaitJob();
            assertEquals("team", job.getMetadata().getLabels().get(Kueue.QUEUE));
            assertEquals(true, job.getSpec().getSuspend());
            run.awaitReason("waits in Kueue's queue 'team'");

            Kueue kueue = new Kueue(job.getMetadata().getName());
            Map<String, String> flavour = Map.of("kubernetes.io/os", "linux");
            kueue.admit(flavour);
            run.awaitMiddle();
            assertEquals(flavour, run.pods().getFirst().getSpec().getNodeSelector());

            kueue.evict();
            run.awaitReason("waits in Kueue's queue 'team'");
            await().atMost(PATIENCE).until(() -> run.pods().isEmpty());
            assertEquals("QUEUED", run.state().path("state").asText());

            kueue.forgetItsStart();
            kueue.admit(flavour);
            run.awaitState("RUNNING");
            run.assertResumesAndSucceedsUncharged();
        } finally {
            InstalledLoupe.install();
            InstalledLoupe.reconnect();
        }
    }

    @Test
    void aServiceKilledBetweenAJobAndItsRecordAdoptsTheJob() {
        ObservedRun run;
        Job job;
        // Secrets cannot be created: the launch stops after it has created the Job.
        ResourceQuota quota = client().resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("no-secrets")
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .withNewSpec()
                        .addToHard("count/secrets", new Quantity("0"))
                        .endSpec()
                        .build())
                .create();
        try {
            await().atMost(PATIENCE)
                    .until(() -> client().resource(quota).get().getStatus().getHard() != null);
            run = new ObservedRun(InstalledLoupe.train(1, 10));
            job = run.awaitJob();
            run.awaitReason("exceeded quota: no-secrets");
            ContainerProcess.of(InstalledLoupe.replicasOf("training-service").getFirst())
                    .kill();
        } finally {
            client().resource(quota).delete();
        }

        run.assertSucceedsUncharged();
        assertEquals(job.getMetadata().getUid(), run.awaitJob().getMetadata().getUid(), "the Job that was there");
    }

    @Test
    void ofTwoReplicasThatSeeTheSameOneJobComesAndOneEndAlsoIfOneIsKilled() {
        InstalledLoupe.scale("training-service", 2);
        try {
            ObservedRun run = ObservedRun.inTheMiddle();
            String made = run.awaitJob().getMetadata().getName() + ": Job created";
            List<String> makers = InstalledLoupe.replicasOf("training-service").stream()
                    .map(pod -> pod.getMetadata().getName())
                    .filter(name -> client().pods()
                            .inNamespace(NAMESPACE)
                            .withName(name)
                            .getLog()
                            .contains(made))
                    .toList();
            assertEquals(1, makers.size(), "replicas that made the Job");
            ContainerProcess.of(client().pods()
                            .inNamespace(NAMESPACE)
                            .withName(makers.getFirst())
                            .require())
                    .kill();

            run.assertSucceedsUncharged();
        } finally {
            InstalledLoupe.scale("training-service", 1);
            InstalledLoupe.reconnect();
        }
    }

    @Test
    void aTrainerThatOverflowsItsScratchIsChargedAndTheReasonSaysSo() {
        InstalledLoupe.install("trainer.scratchSize=1Mi", "trainer.maxAttempts=1");
        InstalledLoupe.reconnect();
        try {
            // The kubelet measures volumes once a minute.
            ObservedRun run = new ObservedRun(InstalledLoupe.trainSlowly(400, 11));

            JsonNode end = run.awaitState("FAILED");
            String reason = end.path("reason").asText();
            assertTrue(reason.startsWith("SCRATCH_FULL: it wrote more than it may"), reason);
            assertEquals(0, run.versions());
            await("no further pod")
                    .atMost(PATIENCE)
                    .until(() -> run.jobs().isEmpty() && run.pods().isEmpty());
        } finally {
            InstalledLoupe.install();
            InstalledLoupe.reconnect();
        }
    }
}
