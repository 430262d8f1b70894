package dev.loupe.training.launch;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.devstack.Devstack;
import dev.loupe.devstack.DevstackOptions;
import dev.loupe.devstack.Part;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.MinioObjectStore;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageEndpoint;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The launcher on a real cluster, with a program in the trainer's place that sleeps, ends or takes memory as it is told.
 * Its image is {@code LOUPE_PROBE_IMAGE}, default {@code loupe.local/probe:1}. Makes a namespace of its own that takes
 * "restricted" pods only, and removes it.
 */
class KubernetesJobLauncherIT {
    private static final String IMAGE = System.getenv().getOrDefault("LOUPE_PROBE_IMAGE", "loupe.local/probe:1");

    private static Config kubeconfig;
    private static KubernetesClient client;
    private static String namespace;
    private static Devstack devstack;
    private static ObjectStore store;

    private final JobName job = JobName.of(UUID.randomUUID(), 1);
    private final AtomicInteger changes = new AtomicInteger();

    @BeforeAll
    static void makeANamespace() {
        String path = Stream.of("LOUPE_KUBECONFIG", "KUBECONFIG")
                .map(System.getenv()::get)
                .filter(value -> value != null && !value.isBlank())
                .findFirst()
                .orElse("");
        Assumptions.assumeFalse(path.isEmpty(), "skipped: neither LOUPE_KUBECONFIG nor KUBECONFIG names a cluster");
        kubeconfig = Config.fromKubeconfig(new File(path));
        client = new KubernetesClientBuilder().withConfig(kubeconfig).build();
        namespace = "loupe-jobs-" + UUID.randomUUID().toString().substring(0, 8);
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .create();
        devstack = Devstack.start(new DevstackOptions(null, Set.of(Part.S3), 0, 0, 0));
        store = new MinioObjectStore(StorageEndpoint.of(
                devstack.storageEndpoint(), devstack.storageAccessKey(), devstack.storageSecretKey()));
    }

    @AfterAll
    static void removeTheNamespace() {
        if (client != null) {
            client.namespaces().withName(namespace).delete();
            client.close();
            store.close();
            devstack.close();
        }
    }

    @AfterEach
    void removeTheJob() {
        if (client != null) {
            client.batch()
                    .v1()
                    .jobs()
                    .inNamespace(namespace)
                    .withName(job.value())
                    .delete();
        }
    }

    @Test
    void aJobThatIsLaunchedTwiceIsOneJobAndRunsOnce() {
        KubernetesJobLauncher one = launcher("sleep", "600");
        KubernetesJobLauncher other = launcher("sleep", "600");
        launch(one);
        launch(other);
        awaitRunning(one);

        assertInstanceOf(ObservedJob.Running.class, other.observe().get(job));
        assertEquals(1, pods().size());
        assertTrue(changes.get() > 0, "the watch told of the Job");
    }

    @Test
    void aLaunchThatWasCutShortIsSeenAndMended() {
        KubernetesJobLauncher launcher = launcher("sleep", "600");
        TrainerJobs jobs = new TrainerJobs(config(Map.of(), "sleep", "600"), Configurations.JSON);
        client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .resource(jobs.job(
                        job,
                        Configurations.spec(job).apply(jobs.workplace(TrainerResources.USUAL)),
                        TrainerResources.USUAL))
                .create();
        assertInstanceOf(ObservedJob.CutShort.class, launcher.observe().get(job));

        launch(launcher);
        await().atMost(Duration.ofSeconds(60)).until(() -> pods().stream()
                .anyMatch(pod -> !pod.getStatus().getContainerStatuses().isEmpty()));
        assertInstanceOf(Job.class, job());
    }

    @Test
    void aTrainerThatEndsIsSeenAndItsLogIsKeptWhenItsPodIsGone() throws IOException {
        KubernetesJobLauncher launcher = launcher("exit", "7");
        launch(launcher);
        assertEquals(new ObservedJob.Ended(OptionalInt.of(7)), awaitEnd(launcher));
        assertEquals("exiting with 7\n", log(launcher, 0));
        assertEquals("with 7\n", log(launcher, 8));

        launcher.discard(job);
        client.batch().v1().jobs().inNamespace(namespace).withName(job.value()).delete();
        await().atMost(Duration.ofSeconds(60)).until(() -> pods().isEmpty());

        assertEquals("exiting with 7\n", log(launcher, 0));
        assertEquals(null, launcher.observe().get(job));
    }

    @Test
    void badConfigurationFailsTheJobAtOnce() {
        KubernetesJobLauncher launcher = launcher("exit", "2");
        launch(launcher);

        assertEquals(OptionalInt.of(2), ((ObservedJob.Ended) awaitEnd(launcher)).exitCode());
        assertEquals(
                "PodFailurePolicy", job().getStatus().getConditions().getLast().getReason());
    }

    @Test
    void aTrainerThatTakesMoreMemoryThanItMayIsSaidToHaveDoneSo() {
        KubernetesJobLauncher launcher = launcher("allocate", "200");
        launch(launcher);

        assertEquals(
                new ObservedJob.Ended(OptionalInt.of(137), "OUT_OF_MEMORY: it needed more than its limit of 64Mi"),
                awaitEnd(launcher));
    }

    @Test
    void anAttemptThatTakesTooLongIsEnded() {
        KubernetesJobLauncher launcher = launcher(Map.of("active-deadline", "3s"), "sleep", "600");
        launch(launcher);

        String reason = ((ObservedJob.Ended) awaitEnd(launcher)).reason();
        assertTrue(reason.startsWith("DEADLINE_EXCEEDED"), reason);
    }

    @Test
    void anImageThatCantBePulledIsNamed() {
        KubernetesJobLauncher launcher = launcher(Map.of("image", "loupe.local/nowhere:9"), "say", "hello");
        launch(launcher);

        assertTrue(awaitReason(launcher).startsWith("its image 'loupe.local/nowhere:9' can't be pulled"));
    }

    @Test
    void theSchedulerSaysWhyThereIsNoPlace() {
        KubernetesJobLauncher launcher =
                launcher(Map.of("gpu-resource", "example.org/gpu", "gpu-count", "3"), "say", "hello");
        launch(launcher);

        assertTrue(
                awaitReason(launcher).matches("0/\\d+ nodes are available: .*Insufficient example.org/gpu"),
                () -> awaitReason(launcher));
    }

    @Test
    void aQuotaThatIsUsedUpIsNamed() {
        client.resourceQuotas()
                .inNamespace(namespace)
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("gpus")
                        .endMetadata()
                        .withNewSpec()
                        .addToHard("requests.example.net/gpu", new Quantity("0"))
                        .endSpec()
                        .build())
                .create();
        await().until(() -> client.resourceQuotas()
                        .inNamespace(namespace)
                        .withName("gpus")
                        .get()
                        .getStatus()
                        .getHard()
                != null);
        KubernetesJobLauncher launcher =
                launcher(Map.of("gpu-resource", "example.net/gpu", "gpu-count", "1"), "say", "hello");
        launch(launcher);

        assertTrue(awaitReason(launcher).contains("exceeded quota: gpus"), () -> awaitReason(launcher));
    }

    @Test
    void aPodThatIsDeletedIsFollowedByAnotherOfTheSameJob() {
        KubernetesJobLauncher launcher = launcher("sleep", "600");
        launch(launcher);
        awaitRunning(launcher);
        String first = pods().getFirst().getMetadata().getName();
        client.pods().inNamespace(namespace).withName(first).delete();

        awaitAnother(launcher, first);
    }

    @Test
    void aPodThatIsEvictedIsFollowedByAnotherAndNobodyIsBlamed() {
        KubernetesJobLauncher launcher = launcher(Map.of("termination-grace-period", "5s"), "sleep", "600");
        launch(launcher);
        awaitRunning(launcher);
        Pod first = pods().getFirst();
        assertTrue(client.pods()
                .inNamespace(namespace)
                .withName(first.getMetadata().getName())
                .evict());

        awaitAnother(launcher, first.getMetadata().getName());
        assertEquals(null, job().getStatus().getFailed());
    }

    @Test
    void aJobThatIsDeletedByHandIsGoneOnceItsTrainerHasEnded() {
        KubernetesJobLauncher launcher = launcher("sleep", "600");
        launch(launcher);
        awaitRunning(launcher);
        client.batch().v1().jobs().inNamespace(namespace).withName(job.value()).delete();

        await().atMost(Duration.ofSeconds(60)).until(() -> launcher.observe().get(job) == null);
        assertEquals(
                List.of(), pods().stream().filter(KubernetesJobLauncherIT::runs).toList());
    }

    @Test
    void aSuspendedJobIsNotEndedAndGoesOn() {
        KubernetesJobLauncher launcher = launcher("sleep", "600");
        launch(launcher);
        awaitRunning(launcher);
        suspend(true);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> launcher.observe().get(job) instanceof ObservedJob.Suspended);
        await().atMost(Duration.ofSeconds(60)).until(() -> pods().isEmpty());
        assertInstanceOf(ObservedJob.Suspended.class, launcher.observe().get(job));

        suspend(false);
        awaitRunning(launcher);
    }

    @Test
    void aJobForKueueWaitsForIt() {
        KubernetesJobLauncher launcher = launcher(Map.of("queue", "team"), "sleep", "600");
        launch(launcher);

        assertEquals(
                new ObservedJob.Suspended("its Job waits in Kueue's queue 'team'"),
                launcher.observe().get(job));
        suspend(false); // what Kueue does
        awaitRunning(launcher);
    }

    @Test
    void aTrainerThatIsStoppedEndsAndLeavesItsLog() throws IOException {
        KubernetesJobLauncher launcher = launcher(Map.of("stop-grace", "0s"), "sleep", "600");
        launch(launcher);
        awaitRunning(launcher);
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            launcher.stop(job);
            return launcher.observe().get(job) == null;
        });
        launcher.discard(job);

        assertEquals(
                null,
                client.batch()
                        .v1()
                        .jobs()
                        .inNamespace(namespace)
                        .withName(job.value())
                        .get());
    }

    @Test
    void withoutTheApiServerNothingIsSaidToBeGone() {
        Config nowhere = new ConfigBuilder(kubeconfig)
                .withMasterUrl("https://127.0.0.1:9")
                .withRequestRetryBackoffLimit(0)
                .build();
        try (KubernetesClient away =
                new KubernetesClientBuilder().withConfig(nowhere).build()) {
            KubernetesJobLauncher launcher = launcher(away, Map.of(), "sleep", "600");

            assertThrows(RuntimeException.class, launcher::observe);
            RuntimeException launch = assertThrows(RuntimeException.class, () -> launch(launcher));
            assertNotEquals(LaunchException.class, launch.getClass(), "which would end the attempt");
        }
    }

    @Test
    void aTrainerThatIsAboutToEndIsLeftToDoSo() throws IOException {
        KubernetesJobLauncher launcher = launcher("exit", "0");
        launch(launcher);
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            if (launcher.observe().get(job) instanceof ObservedJob.Running) {
                launcher.stop(job); // what is done once its result is there
            }
            return launcher.observe().get(job) instanceof ObservedJob.Ended;
        });

        launcher.discard(job);
        assertEquals("Complete", job().getStatus().getConditions().getLast().getType(), "kept, for people to look at");
    }

    private KubernetesJobLauncher launcher(String... arguments) {
        return launcher(Map.of(), arguments);
    }

    private KubernetesJobLauncher launcher(Map<String, String> values, String... arguments) {
        return launcher(client, values, arguments);
    }

    private KubernetesJobLauncher launcher(KubernetesClient by, Map<String, String> values, String... arguments) {
        KubernetesConfig config = config(values, arguments);
        StorageConfig storage = Configurations.of(
                StorageConfig.class,
                Map.of(
                        "loupe.storage.endpoint",
                        devstack.storageEndpoint().toString(),
                        "loupe.storage.access-key",
                        "unused",
                        "loupe.storage.secret-key",
                        "unused",
                        "loupe.storage.bucket",
                        devstack.storageBucket()));
        return new KubernetesJobLauncher(
                by,
                config,
                new TrainerJobs(config, Configurations.JSON),
                new StoredLogs(store, storage),
                changes::incrementAndGet);
    }

    private static KubernetesConfig config(Map<String, String> values, String... arguments) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "loupe.training.kubernetes.namespace",
                namespace,
                "loupe.training.kubernetes.image",
                IMAGE,
                "loupe.training.kubernetes.arguments",
                String.join(",", arguments),
                "loupe.training.kubernetes.resources",
                "{\"limits\": {\"cpu\": \"100m\", \"memory\": \"64Mi\"}}"));
        values.forEach((key, value) -> properties.put("loupe.training.kubernetes." + key, value));
        return Configurations.of(KubernetesConfig.class, properties);
    }

    private void launch(JobLauncher launcher) {
        launcher.launch(job, "token", TrainerResources.USUAL, Configurations.spec(job));
    }

    private void awaitRunning(JobLauncher launcher) {
        await().atMost(Duration.ofSeconds(60)).until(() -> launcher.observe().get(job) instanceof ObservedJob.Running);
    }

    private ObservedJob awaitEnd(JobLauncher launcher) {
        return await().atMost(Duration.ofSeconds(90))
                .until(() -> launcher.observe().get(job), ObservedJob.Ended.class::isInstance);
    }

    private String awaitReason(JobLauncher launcher) {
        return await().atMost(Duration.ofSeconds(60))
                .until(
                        () -> launcher.observe().get(job) instanceof ObservedJob.Pending(String reason) ? reason : "",
                        reason -> !reason.isEmpty());
    }

    /** Never once is it said that the job has ended. */
    private void awaitAnother(JobLauncher launcher, String first) {
        await().atMost(Duration.ofSeconds(90)).until(() -> {
            ObservedJob seen = launcher.observe().get(job);
            assertTrue(seen instanceof ObservedJob.Running || seen instanceof ObservedJob.Pending, "" + seen);
            return seen instanceof ObservedJob.Running
                    && pods().stream()
                            .filter(KubernetesJobLauncherIT::runs)
                            .anyMatch(pod -> !pod.getMetadata().getName().equals(first));
        });
    }

    private static boolean runs(Pod pod) {
        return "Running".equals(pod.getStatus().getPhase());
    }

    private void suspend(boolean suspended) {
        client.batch().v1().jobs().inNamespace(namespace).withName(job.value()).edit(one -> {
            one.getSpec().setSuspend(suspended);
            return one;
        });
    }

    private Job job() {
        return client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(job.value())
                .require();
    }

    private List<Pod> pods() {
        return client.pods()
                .inNamespace(namespace)
                .withLabel(TrainerJobs.RUN, job.run().toString())
                .list()
                .getItems();
    }

    private String log(JobLauncher launcher, long from) throws IOException {
        try (var log = launcher.log(job, from)) {
            return new String(log.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
