package dev.loupe.training.launch;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Jobs are made once, and who reads of one that waits learns why. */
@Tag("cluster")
class JobLaunchIT {
    @RegisterExtension
    private final JobScene scene = new JobScene();

    @Test
    void aJobThatIsLaunchedTwiceIsOneJobAndRunsOnce() {
        KubernetesJobLauncher one = scene.launcher("sleep", "600");
        KubernetesJobLauncher other = scene.launcher("sleep", "600");
        scene.launch(one);
        scene.launch(other);
        scene.awaitRunning(one);

        assertInstanceOf(ObservedJob.Running.class, other.observe().get(scene.name()));
        assertEquals(1, scene.pods().size());
        assertTrue(scene.changes() > 0, "the watch told of the Job");
    }

    @Test
    void aLaunchThatWasCutShortIsSeenAndMended() {
        KubernetesJobLauncher launcher = scene.launcher("sleep", "600");
        TrainerJobs jobs = new TrainerJobs(scene.config(Map.of()), Configurations.JSON);
        PodTemplateSpec template = scene.podTemplate("sleep", "600").getTemplate();
        JobScene.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(JobScene.namespace())
                .resource(jobs.job(
                        scene.name(),
                        Configurations.spec(scene.name())
                                .apply(jobs.trainerEnvironment(template, TrainerResources.DEFAULT)),
                        template,
                        TrainerResources.DEFAULT,
                        0))
                .create();
        assertInstanceOf(ObservedJob.IncompleteLaunch.class, launcher.observe().get(scene.name()));

        scene.launch(launcher);
        await().atMost(Duration.ofMinutes(2)).until(() -> scene.pods().stream()
                .anyMatch(pod -> !pod.getStatus().getContainerStatuses().isEmpty()));
        assertInstanceOf(Job.class, scene.job());
    }

    @Test
    void thePriorityOfTheRunIsThatOfItsJob() {
        Resource<PriorityClass> urgent = JobScene.client()
                .resource(new PriorityClassBuilder()
                        .withNewMetadata()
                        .withName(JobScene.namespace() + "-urgent")
                        .endMetadata()
                        .withValue(50)
                        .build());
        urgent.create();
        try {
            KubernetesJobLauncher launcher = scene.launcher(
                    Map.of(
                            "priority-classes[0].from", "-100",
                            "priority-classes[0].workloads", "low",
                            "priority-classes[1].from", "20",
                            "priority-classes[1].workloads", "high",
                            "priority-classes[1].pods", JobScene.namespace() + "-urgent"),
                    "sleep",
                    "600");
            scene.launch(launcher, 20);
            scene.awaitRunning(launcher);

            assertEquals("high", scene.job().getMetadata().getLabels().get(TrainerJobs.WORKLOAD_PRIORITY));
            assertEquals(50, scene.pods().getFirst().getSpec().getPriority());
        } finally {
            urgent.delete();
        }
    }

    @Test
    void aPriorityClassThatIsMissingIsNamed() {
        KubernetesJobLauncher launcher = scene.launcher(
                Map.of("priority-classes[0].from", "0", "priority-classes[0].pods", "missing"), "sleep", "600");
        scene.launch(launcher);

        assertTrue(scene.awaitReason(launcher).contains("missing"), () -> scene.awaitReason(launcher));
    }

    @Test
    void anImageThatCantBePulledIsNamed() {
        KubernetesJobLauncher launcher = scene.launcher("say", "hello");
        scene.editPodTemplate(container -> container.setImage("loupe.local/nowhere:9"), 60);
        scene.launch(launcher);

        assertTrue(scene.awaitReason(launcher).startsWith("its image 'loupe.local/nowhere:9' can't be pulled"));
    }

    @Test
    void theSchedulerSaysWhyThereIsNoPlace() {
        KubernetesJobLauncher launcher =
                scene.launcher(Map.of("gpu-resource", "example.org/gpu", "gpu-count", "3"), "say", "hello");
        scene.launch(launcher);

        assertTrue(
                scene.awaitReason(launcher).matches("0/\\d+ nodes are available: .*Insufficient example.org/gpu"),
                () -> scene.awaitReason(launcher));
    }

    @Test
    void aQuotaThatIsUsedUpIsNamed() {
        JobScene.client()
                .resourceQuotas()
                .inNamespace(JobScene.namespace())
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("gpus")
                        .endMetadata()
                        .withNewSpec()
                        .addToHard("requests.example.net/gpu", new Quantity("0"))
                        .endSpec()
                        .build())
                .create();
        await().atMost(Duration.ofMinutes(2))
                .until(() -> JobScene.client()
                                .resourceQuotas()
                                .inNamespace(JobScene.namespace())
                                .withName("gpus")
                                .get()
                                .getStatus()
                                .getHard()
                        != null);
        KubernetesJobLauncher launcher =
                scene.launcher(Map.of("gpu-resource", "example.net/gpu", "gpu-count", "1"), "say", "hello");
        scene.launch(launcher);

        assertTrue(scene.awaitReason(launcher).contains("exceeded quota: gpus"), () -> scene.awaitReason(launcher));
    }

    @Test
    void withoutTheApiServerNothingIsSaidToBeGone() {
        Config nowhere = new ConfigBuilder(JobScene.kubeconfig())
                .withMasterUrl("https://127.0.0.1:9")
                .withRequestRetryBackoffLimit(0)
                .build();
        try (KubernetesClient away =
                new KubernetesClientBuilder().withConfig(nowhere).build()) {
            KubernetesJobLauncher launcher = scene.launcher(away, Map.of(), "sleep", "600");

            assertThrows(RuntimeException.class, launcher::observe);
            RuntimeException launch = assertThrows(RuntimeException.class, () -> scene.launch(launcher));
            assertNotEquals(LaunchException.class, launch.getClass(), "which would end the attempt");
        }
    }
}
