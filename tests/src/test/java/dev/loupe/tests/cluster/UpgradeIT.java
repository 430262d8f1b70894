package dev.loupe.tests.cluster;

import static dev.loupe.tests.cluster.InstalledLoupe.NAMESPACE;
import static dev.loupe.tests.cluster.InstalledLoupe.RELEASE;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Upgrades and rolls back container images under load. */
@Tag("cluster")
@ExtendWith(InstalledLoupe.class)
@Tag("long")
class UpgradeIT {
    private static final String NEXT = "cluster-test-next";
    private static final int RATE = 100;

    @Test
    void noPredictionIsLostWhenAReleaseIsUpgradedAndRolledBack() {
        InstalledLoupe.loadImages(NEXT, "inference-service", "training-service");
        Set<String> before = imagesOfReplicas();
        try (Load load = Load.begin(RATE)) {
            Instant begin = Instant.now();
            InstalledLoupe.install("inferenceService.image.tag=" + NEXT, "trainingService.image.tag=" + NEXT);
            awaitReplicas(Set.of("loupe/inference-service:" + NEXT));
            load.awaitMore(3 * RATE);

            InstalledLoupe.cluster().helm().run("", "rollback", RELEASE, "--namespace", NAMESPACE, "--wait");
            awaitReplicas(before);
            load.awaitMore(3 * RATE);

            long seconds = Duration.between(begin, Instant.now()).toSeconds();
            int calls = load.endWithoutALoss();
            assertTrue(calls >= RATE * seconds * 0.9, calls + " calls in " + seconds + " s");
            assertEquals(before, imagesOfReplicas());
        }
        InstalledLoupe.reconnect();
    }

    /** Waits until the pods, including terminating ones, have exactly these images. */
    private static void awaitReplicas(Set<String> images) {
        await().atMost(Duration.ofMinutes(2)).until(() -> imagesOfReplicas().equals(images));
    }

    private static Set<String> imagesOfReplicas() {
        List<Pod> pods = InstalledLoupe.client()
                .pods()
                .inNamespace(NAMESPACE)
                .withLabel("app.kubernetes.io/component", "inference-service")
                .list()
                .getItems();
        return pods.stream()
                .map(pod -> pod.getSpec().getContainers().getFirst().getImage())
                .collect(Collectors.toSet());
    }
}
