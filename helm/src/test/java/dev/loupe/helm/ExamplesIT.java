package dev.loupe.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.Release;
import dev.loupe.helm.Kubectl.Answer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/**
 * Validates the folders of {@code k8s} with a real API server, including custom resources. The test installs missing
 * custom resource definitions of the operators, and removes them afterwards.
 */
@Tag("cluster")
class ExamplesIT {
    private static final Path K8S = Path.of("../k8s").toAbsolutePath().normalize();

    @TempDir
    private static Path folder;

    private static final List<String> ADDED = new ArrayList<>();
    private static Kubectl kubectl;
    private static String namespace;

    @BeforeAll
    static void installDefinitions() throws Exception {
        kubectl = Kubectl.ofTheCluster();
        List<Path> definitions = new ArrayList<>();
        for (OperatorApi api : OperatorApi.values()) {
            definitions.addAll(api.definitions(folder));
        }
        namespace = "loupe-examples-" + UUID.randomUUID().toString().substring(0, 8);
        kubectl.must("", "create", "namespace", namespace);
        for (Path file : definitions) {
            String name = kubectl.must("", "create", "-f", file.toString(), "--dry-run=client", "-o", "name")
                    .strip();
            if (kubectl.must("", "get", name, "--ignore-not-found").isBlank()) {
                kubectl.must("", "create", "-f", file.toString());
                ADDED.add(name);
            }
            established(name.substring(name.indexOf('/') + 1));
        }
    }

    private static void established(String definition) {
        try (KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(Kubectl.configuration().toFile()))
                .build()) {
            client.apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .withName(definition)
                    .waitUntilCondition(ExamplesIT::isEstablished, 1, TimeUnit.MINUTES);
        }
    }

    private static boolean isEstablished(CustomResourceDefinition definition) {
        return definition != null
                && definition.getStatus() != null
                && definition.getStatus().getConditions() != null // null right after its creation
                && definition.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Established")
                                && condition.getStatus().equals("True"));
    }

    @AfterAll
    static void removeAddedDefinitions() throws Exception {
        if (namespace != null) {
            kubectl.must("", "delete", "namespace", namespace, "--wait=false");
        }
        for (String name : ADDED) {
            kubectl.must("", "delete", name, "--wait=false");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"base", "demo", "kind", "gpu-pool", "kueue", "operators"})
    void apiServerAcceptsFolder(String example) throws Exception {
        Answer answer = kubectl.run(
                "",
                "--namespace",
                namespace,
                "apply",
                "--dry-run=server",
                "--validate=strict",
                "-k",
                K8S.resolve(example).toString());

        assertEquals(0, answer.status(), answer.text());
        assertTrue(
                answer.text()
                                .lines()
                                .filter(line -> line.endsWith("(server dry run)"))
                                .count()
                        > 20,
                answer.text());
    }

    /** Control of the test above: the API server validates custom resources against each definition. */
    @Test
    void apiServerRejectsMisspeltFieldOfEachCustomResource() throws Exception {
        Set<String> kinds = new TreeSet<>();
        for (String example : List.of("operators", "kueue")) {
            String all = kubectl.must("", "kustomize", K8S.resolve(example).toString());
            for (Map<String, Object> resource : resources(all)) {
                String group = resource.get("apiVersion").toString().split("/")[0];
                if (!group.matches(".*(cnpg|strimzi|keda|kueue|coreos|gateway\\.networking).*")) {
                    continue;
                }
                String misspelt = new Yaml().dump(misspelt(resource));
                Answer answer = kubectl.run(
                        misspelt, "-n", namespace, "apply", "--dry-run=server", "--validate=strict", "-f", "-");
                assertNotEquals(0, answer.status(), misspelt);
                assertTrue(answer.text().contains("unknown field"), answer.text());
                kinds.add(resource.get("kind").toString());
            }
        }
        assertEquals(
                Set.of(
                        "Cluster",
                        "ClusterQueue",
                        "GRPCRoute",
                        "HTTPRoute",
                        "Kafka",
                        "KafkaNodePool",
                        "KafkaTopic",
                        "LocalQueue",
                        "ResourceFlavor",
                        "ScaledObject",
                        "ServiceMonitor",
                        "WorkloadPriorityClass"),
                kinds);
    }

    /** {@link ChartTest} covers clusters without operators. */
    @Test
    void helmDetectsInstalledOperators() {
        Release planned = new Helm(Path.of("loupe"))
                .install()
                .withName("loupe")
                .withNamespace(namespace)
                .withKubeConfig(Kubectl.configuration())
                .withDryRunOption(DryRun.SERVER)
                .withValuesFile(K8S.resolve("base/values.yaml"))
                .set("database.cloudNativePG.enabled", "true")
                .set("kafka.strimzi.enabled", "true")
                .call();

        assertEquals("pending-install", planned.getStatus());
    }

    /** Adds a misspelt field to the resource's specification, or to the resource if it has none. */
    private static Map<String, Object> misspelt(Map<String, Object> resource) {
        Map<String, Object> copy = new LinkedHashMap<>(resource);
        @SuppressWarnings("unchecked")
        Map<String, Object> specification = (Map<String, Object>) resource.get("spec");
        if (specification == null) {
            copy.put("specs", Map.of());
        } else {
            Map<String, Object> fields = new LinkedHashMap<>(specification);
            String first = fields.keySet().iterator().next();
            fields.put(first + "s", fields.get(first));
            copy.put("spec", fields);
        }
        return copy;
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> resources(String documents) {
        List<Map<String, Object>> resources = new ArrayList<>();
        new Yaml().loadAll(documents).forEach(each -> resources.add((Map<String, Object>) each));
        return resources;
    }
}
