package dev.loupe.tests.cluster;

import static dev.loupe.tests.cluster.InstalledLoupe.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which pods have a token for the API server. */
@Tag("cluster")
@ExtendWith(InstalledLoupe.class)
class TokensIT {

    /** Checks all running pods, including a trainer's. */
    @Test
    void onlyTrainingServiceHasATokenOfTheApiServer() {
        new ObservedRun(InstalledLoupe.train(1, 3)).assertSucceedsUncharged();
        var pods = InstalledLoupe.client()
                .pods()
                .inNamespace(NAMESPACE)
                .withLabel("app.kubernetes.io/name", "loupe")
                .list()
                .getItems();

        Set<String> all = pods.stream().map(TokensIT::component).collect(Collectors.toCollection(TreeSet::new));
        Set<String> holders = pods.stream()
                .filter(TokensIT::hasToken)
                .map(TokensIT::component)
                .collect(Collectors.toSet());

        assertTrue(
                all.containsAll(Set.of(
                        "dataset-service", "training-service", "inference-service", "console", "demo", "trainer")),
                "" + all);
        assertEquals(Set.of("training-service"), holders);
    }

    private static String component(Pod pod) {
        return pod.getMetadata().getLabels().get("app.kubernetes.io/component");
    }

    private static boolean hasToken(Pod pod) {
        return pod.getSpec().getVolumes().stream()
                .filter(volume -> volume.getProjected() != null)
                .flatMap(volume -> volume.getProjected().getSources().stream())
                .anyMatch(source -> source.getServiceAccountToken() != null);
    }
}
