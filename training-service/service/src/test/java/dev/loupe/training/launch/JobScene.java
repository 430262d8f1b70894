package dev.loupe.training.launch;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.devstack.Devstack;
import dev.loupe.devstack.DevstackOptions;
import dev.loupe.devstack.Part;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.MinioObjectStore;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageEndpoint;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplate;
import io.fabric8.kubernetes.api.model.PodTemplateBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A job of a test on a real cluster, with a program in the trainer's place that sleeps, ends or takes memory as it is told.
 * Its image is {@code LOUPE_PROBE_IMAGE}, default {@code loupe.local/probe:1}. All tests share a namespace that takes
 * "restricted" pods only, and that is removed at the end.
 */
final class JobScene implements BeforeEachCallback, AfterEachCallback {
    private static final String IMAGE = System.getenv().getOrDefault("LOUPE_PROBE_IMAGE", "loupe.local/probe:1");

    private static Config kubeconfig;
    private static KubernetesClient client;
    private static String namespace;
    private static Devstack devstack;
    private static ObjectStore store;

    private final JobName job = JobName.of(UUID.randomUUID(), 1);
    private final AtomicInteger changes = new AtomicInteger();

    @Override
    public void beforeEach(ExtensionContext context) {
        String path = Stream.of("LOUPE_KUBECONFIG", "KUBECONFIG")
                .map(System.getenv()::get)
                .filter(value -> value != null && !value.isBlank())
                .findFirst()
                .orElse("");
        Assumptions.assumeFalse(path.isEmpty(), "skipped: neither LOUPE_KUBECONFIG nor KUBECONFIG names a cluster");
        if (client == null) {
            makeANamespace(path);
            context.getRoot().getStore(ExtensionContext.Namespace.GLOBAL).put(JobScene.class, (AutoCloseable)
                    JobScene::removeTheNamespace);
        }
    }

    private static void makeANamespace(String path) {
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

    private static void removeTheNamespace() {
        client.namespaces().withName(namespace).delete();
        client.close();
        store.close();
        devstack.close();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (client != null) {
            client.batch()
                    .v1()
                    .jobs()
                    .inNamespace(namespace)
                    .withName(job.value())
                    .delete();
        }
    }

    static Config kubeconfig() {
        return kubeconfig;
    }

    static KubernetesClient client() {
        return client;
    }

    static String namespace() {
        return namespace;
    }

    JobName name() {
        return job;
    }

    /** How often the launcher said that something may have changed. */
    int changes() {
        return changes.get();
    }

    KubernetesJobLauncher launcher(String... arguments) {
        return launcher(Map.of(), arguments);
    }

    KubernetesJobLauncher launcher(Map<String, String> values, String... arguments) {
        return launcher(client, values, arguments);
    }

    KubernetesJobLauncher launcher(KubernetesClient by, Map<String, String> values, String... arguments) {
        client.resource(podTemplate(arguments)).inNamespace(namespace).createOr(NonDeletingOperation::update);
        KubernetesConfig config = config(values);
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

    KubernetesConfig config(Map<String, String> values) {
        Map<String, String> properties = new HashMap<>(Map.of("loupe.training.kubernetes.namespace", namespace));
        values.forEach((key, value) -> properties.put("loupe.training.kubernetes." + key, value));
        return Configurations.of(KubernetesConfig.class, properties);
    }

    /** A template of small pods that run this program. */
    PodTemplate podTemplate(String... arguments) {
        return new PodTemplateBuilder(Configurations.podTemplate())
                .editTemplate()
                .editSpec()
                .withNodeSelector(Map.of())
                .removeMatchingFromContainers(container -> container.getName().equals("sidecar"))
                .editFirstContainer()
                .withImage(IMAGE)
                .withArgs(arguments)
                .withNewResources()
                .addToLimits("cpu", new Quantity("100m"))
                .addToLimits("memory", new Quantity("64Mi"))
                .endResources()
                .endContainer()
                .endSpec()
                .endTemplate()
                .build();
    }

    /** Changes the template in the cluster. */
    void editPodTemplate(Consumer<Container> change, long terminationGracePeriodSeconds) {
        client.v1()
                .podTemplates()
                .inNamespace(namespace)
                .withName("loupe-trainer")
                .edit(template -> {
                    PodSpec pod = template.getTemplate().getSpec();
                    pod.setTerminationGracePeriodSeconds(terminationGracePeriodSeconds);
                    change.accept(pod.getContainers().getFirst());
                    return template;
                });
    }

    void launch(JobLauncher launcher) {
        launch(launcher, 0);
    }

    void launch(JobLauncher launcher, int priority) {
        launcher.launch(job, "token", TrainerResources.DEFAULT, priority, Configurations.spec(job));
    }

    void awaitRunning(JobLauncher launcher) {
        await().atMost(Duration.ofMinutes(2)).until(() -> launcher.observe().get(job) instanceof ObservedJob.Running);
    }

    ObservedJob awaitEnd(JobLauncher launcher) {
        return await().atMost(Duration.ofSeconds(90))
                .until(() -> launcher.observe().get(job), ObservedJob.Ended.class::isInstance);
    }

    String awaitReason(JobLauncher launcher) {
        return await().atMost(Duration.ofMinutes(2))
                .until(
                        () -> launcher.observe().get(job) instanceof ObservedJob.Pending(String reason) ? reason : "",
                        reason -> !reason.isEmpty());
    }

    /** Never once is it said that the job has ended. */
    void awaitAnother(JobLauncher launcher, String first) {
        await().atMost(Duration.ofSeconds(90)).until(() -> {
            ObservedJob seen = launcher.observe().get(job);
            assertTrue(seen instanceof ObservedJob.Running || seen instanceof ObservedJob.Pending, "" + seen);
            return seen instanceof ObservedJob.Running
                    && pods().stream()
                            .filter(JobScene::runs)
                            .anyMatch(pod -> !pod.getMetadata().getName().equals(first));
        });
    }

    static boolean runs(Pod pod) {
        return "Running".equals(pod.getStatus().getPhase());
    }

    void suspend(boolean suspended) {
        client.batch().v1().jobs().inNamespace(namespace).withName(job.value()).edit(one -> {
            one.getSpec().setSuspend(suspended);
            return one;
        });
    }

    Job job() {
        return client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(job.value())
                .require();
    }

    List<Pod> pods() {
        return client.pods()
                .inNamespace(namespace)
                .withLabel(TrainerJobs.RUN, job.run().toString())
                .list()
                .getItems();
    }

    String log(JobLauncher launcher, long from) throws IOException {
        try (var log = launcher.log(job, from)) {
            return new String(log.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
