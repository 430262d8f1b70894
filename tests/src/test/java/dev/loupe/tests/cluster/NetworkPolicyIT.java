package dev.loupe.tests.cluster;

import static dev.loupe.tests.cluster.InstalledLoupe.NAMESPACE;
import static dev.loupe.tests.cluster.InstalledLoupe.RELEASE;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Checks with real connections which pods reach which ports. Each port is reached by some pod, so a failed connection
 * was denied.
 */
@Tag("cluster")
@ExtendWith(InstalledLoupe.class)
class NetworkPolicyIT {
    private static final String ELSEWHERE =
            "loupe-stranger-" + UUID.randomUUID().toString().substring(0, 8);
    private static KubernetesClient client;

    @BeforeAll
    static void makeAnotherNamespace() {
        client = InstalledLoupe.client();
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(ELSEWHERE)
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterAll
    static void removeIt() {
        if (client != null) {
            client.namespaces().withName(ELSEWHERE).delete();
        }
    }

    @Test
    void eachReachesWhatItNeedsAndNothingElse() {
        Set<String> published = Set.of("datasets", "training", "inference", "grpc", "console");
        Set<String> stores = Set.of("postgres", "kafka", "s3");
        Map<String, String> stranger = Map.of("app", "stranger");
        List<Visitor> visitors = List.of(
                Visitor.of(ELSEWHERE, stranger, Set.of()),
                Visitor.of(NAMESPACE, stranger, Set.of()),
                Visitor.of(NAMESPACE, labels("trainer"), Set.of("training", "s3")),
                Visitor.of(NAMESPACE, labels("dataset-service"), stores),
                Visitor.of(NAMESPACE, labels("training-service"), Set.of("postgres", "kafka", "s3", "kubernetes")),
                Visitor.of(NAMESPACE, labels("inference-service"), stores),
                Visitor.of(NAMESPACE, labels("console"), Set.of("datasets", "training", "inference")),
                Visitor.of(NAMESPACE, labels("demo"), Set.of()),
                Visitor.of(NAMESPACE, labels("check"), published));

        assertAll(visitors.stream().map(visitor -> visitor::assertReachesWhatItMay));
    }

    private static Map<String, String> labels(String component) {
        return Map.of(
                "app.kubernetes.io/name", "loupe",
                "app.kubernetes.io/instance", RELEASE,
                "app.kubernetes.io/component", component);
    }

    /** Addresses of Services and of pods, because a Service forwards only its own ports. */
    private static Map<String, String> targets() {
        Map<String, String> targets = new TreeMap<>();
        add(targets, "datasets", "dataset-service", 8080);
        add(targets, "training", "training-service", 8081);
        add(targets, "inference", "inference-service", 8082);
        add(targets, "grpc", "inference-service", 9000);
        add(targets, "console", "console", 8090);
        add(targets, "postgres", "demo", 5432);
        add(targets, "kafka", "demo", 9092);
        add(targets, "s3", "demo", 9090);
        return targets;
    }

    private static void add(Map<String, String> targets, String name, String component, int port) {
        Service service = client.services()
                .inNamespace(NAMESPACE)
                .withName(RELEASE + "-" + component)
                .require();
        targets.put(name, service.getSpec().getClusterIP() + ":" + port);
        Pod pod = client.pods().inNamespace(NAMESPACE).withLabels(labels(component)).list().getItems().stream()
                .filter(one -> one.getMetadata().getDeletionTimestamp() == null)
                .filter(one -> "Running".equals(one.getStatus().getPhase()))
                .findFirst()
                .orElseThrow();
        targets.put(name + "-pod", pod.getStatus().getPodIP() + ":" + port);
    }

    /** A pod that tries to reach everything. */
    private record Visitor(PodProgram pod, Map<String, String> labels, Set<String> allowed) {
        static Visitor of(String namespace, Map<String, String> labels, Set<String> allowed) {
            Map<String, String> targets = targets();
            if (labels.containsKey("app.kubernetes.io/component")) { // no policy restricts egress of other pods
                Service api = client.services()
                        .inNamespace("default")
                        .withName("kubernetes")
                        .require();
                targets.put("kubernetes", api.getSpec().getClusterIP() + ":443");
            }
            String[] arguments = targets.entrySet().stream()
                    .map(target -> target.getKey() + "=" + target.getValue())
                    .toArray(String[]::new);
            String name = "reach-" + UUID.randomUUID().toString().substring(0, 8);
            Set<String> both = new TreeSet<>(allowed);
            allowed.stream()
                    .map(one -> one + "-pod")
                    .filter(targets::containsKey)
                    .forEach(both::add);
            return new Visitor(
                    PodProgram.start(namespace, name, labels, Map.of(), Reach.class, arguments), labels, both);
        }

        /** Policies apply a moment after a pod starts: the last result counts. */
        void assertReachesWhatItMay() {
            try (pod) {
                pod.awaitWord("reached");
                await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
                    List<Set<String>> rounds =
                            pod.said().lines().map(Visitor::names).toList();
                    assertEquals(allowed, rounds.getLast(), "" + labels);
                    assertEquals(allowed, rounds.get(Math.max(0, rounds.size() - 2)), "" + labels);
                });
            }
        }

        private static Set<String> names(String line) {
            Set<String> names = new TreeSet<>(List.of(line.split(" ")));
            names.remove("reached");
            return names;
        }
    }
}
