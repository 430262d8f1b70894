package dev.loupe.training.launch;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A run whose pod is evicted continues in another one, and no attempt is counted. */
@Tag("cluster")
class JobDisruptionIT {
    @RegisterExtension
    private final JobScene scene = new JobScene();

    @Test
    void aPodThatIsDeletedIsFollowedByAnotherOfTheSameJob() {
        KubernetesJobLauncher launcher = scene.launcher("sleep", "600");
        scene.launch(launcher);
        scene.awaitRunning(launcher);
        String first = scene.pods().getFirst().getMetadata().getName();
        JobScene.client()
                .pods()
                .inNamespace(JobScene.namespace())
                .withName(first)
                .delete();

        scene.awaitAnother(launcher, first);
    }

    @Test
    void evictedPodIsFollowedByAnotherAndNotCharged() {
        KubernetesJobLauncher launcher = scene.launcher("sleep", "600");
        scene.editPodTemplate(_ -> {}, 5);
        scene.launch(launcher);
        scene.awaitRunning(launcher);
        Pod first = scene.pods().getFirst();
        assertTrue(JobScene.client()
                .pods()
                .inNamespace(JobScene.namespace())
                .withName(first.getMetadata().getName())
                .evict());

        scene.awaitAnother(launcher, first.getMetadata().getName());
        assertEquals(null, scene.job().getStatus().getFailed());
    }

    @Test
    void aJobThatIsDeletedByHandIsGoneOnceItsTrainerHasEnded() {
        KubernetesJobLauncher launcher = scene.launcher("sleep", "600");
        scene.launch(launcher);
        scene.awaitRunning(launcher);
        JobScene.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(JobScene.namespace())
                .withName(scene.name().value())
                .delete();

        await().atMost(Duration.ofMinutes(2)).until(() -> launcher.observe().get(scene.name()) == null);
        assertEquals(List.of(), scene.pods().stream().filter(JobScene::runs).toList());
    }

    /** Its Secret stays, as it does for a moment when the garbage collector is slow. */
    private void deleteTheJobAlone() {
        Resource<Job> job = JobScene.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(JobScene.namespace())
                .withName(scene.name().value());
        job.withPropagationPolicy(DeletionPropagation.ORPHAN).delete();
        await().atMost(Duration.ofMinutes(2)).until(() -> job.get() == null);
    }

    @Test
    void recreatedJobWithoutItsSecretIsAnInterruptedLaunch() {
        KubernetesJobLauncher launcher = scene.launcher(Map.of("queue", "team"), "sleep", "600");
        scene.launch(launcher);
        deleteTheJobAlone();
        ResourceQuota noSecrets = new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("no-secrets")
                .endMetadata()
                .withNewSpec()
                .addToHard("secrets", new Quantity("0"))
                .endSpec()
                .build();
        Resource<ResourceQuota> quota = JobScene.client()
                .resourceQuotas()
                .inNamespace(JobScene.namespace())
                .resource(noSecrets);
        quota.create();
        try {
            assertThrows(LaunchException.class, () -> scene.launch(launcher));
        } finally {
            quota.delete();
        }

        assertInstanceOf(ObservedJob.IncompleteLaunch.class, launcher.observe().get(scene.name()));
    }

    @Test
    void jobDeletedBeforeItsPodStartedIsRecreatedWithItsOwnSecret() {
        KubernetesJobLauncher launcher = scene.launcher(Map.of("queue", "team"), "sleep", "600");
        scene.launch(launcher);
        deleteTheJobAlone();

        scene.launch(launcher);
        Job job = scene.job();
        String secret = job.getSpec().getTemplate().getSpec().getVolumes().stream()
                .filter(volume -> volume.getSecret() != null)
                .findFirst()
                .orElseThrow()
                .getSecret()
                .getSecretName();
        assertEquals(
                job.getMetadata().getUid(),
                JobScene.client()
                        .secrets()
                        .inNamespace(JobScene.namespace())
                        .withName(secret)
                        .get()
                        .getMetadata()
                        .getOwnerReferences()
                        .getFirst()
                        .getUid());
        scene.suspend(false);
        scene.awaitRunning(launcher);
    }

    @Test
    void aSuspendedJobIsNotEndedAndGoesOn() {
        KubernetesJobLauncher launcher = scene.launcher("sleep", "600");
        scene.launch(launcher);
        scene.awaitRunning(launcher);
        scene.suspend(true);
        await().atMost(Duration.ofMinutes(2))
                .until(() -> launcher.observe().get(scene.name()) instanceof ObservedJob.Suspended);
        await().atMost(Duration.ofMinutes(2)).until(() -> scene.pods().isEmpty());
        assertInstanceOf(ObservedJob.Suspended.class, launcher.observe().get(scene.name()));

        scene.suspend(false);
        scene.awaitRunning(launcher);
    }

    @Test
    void aJobForKueueWaitsForIt() {
        KubernetesJobLauncher launcher = scene.launcher(Map.of("queue", "team"), "sleep", "600");
        scene.launch(launcher);

        assertEquals(
                new ObservedJob.Suspended("its Job waits in Kueue's queue 'team'"),
                launcher.observe().get(scene.name()));
        scene.suspend(false); // what Kueue does
        scene.awaitRunning(launcher);
    }
}
