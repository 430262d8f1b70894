package dev.loupe.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** Overlays of {@code k8s} are equal with kustomize and with Helm. */
class ExamplesTest {
    private static final Path K8S = Path.of("../k8s").toAbsolutePath().normalize();
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(strings = {"gpu-pool", "kueue"})
    void overlayEqualsChartWithTheSameValues(String example) throws Exception {
        String rendered = new Chart(Path.of("loupe").toAbsolutePath())
                .render(List.of(K8S.resolve("base/values.yaml"), K8S.resolve(example + "/values.yaml")), Map.of());
        Map<String, JsonNode> expected = resources(rendered);
        expected.remove("Pod loupe-check"); // only Helm runs it

        Map<String, JsonNode> overlay = resources(
                Kubectl.alone().must("", "kustomize", K8S.resolve(example).toString()));
        Map<String, JsonNode> base = resources(
                Kubectl.alone().must("", "kustomize", K8S.resolve("base").toString()));

        overlay.keySet().retainAll(expected.keySet());
        assertEquals(expected, overlay);
        assertTrue(!overlay.equals(base), "the overlay changes something");
    }

    /** Returns resources by kind and name, with environment variables sorted by name. */
    private static Map<String, JsonNode> resources(String documents) throws JsonProcessingException {
        Map<String, JsonNode> resources = new TreeMap<>();
        for (Object document : new Yaml().loadAll(documents)) {
            JsonNode resource = JSON.valueToTree(document);
            if (resource.isObject()) {
                for (JsonNode container : resource.at("/spec/template/spec/containers")) {
                    Map<String, JsonNode> variables = new TreeMap<>();
                    for (JsonNode variable : container.path("env")) {
                        variables.put(variable.path("name").asText(), variable);
                    }
                    ((com.fasterxml.jackson.databind.node.ObjectNode) container)
                            .set("env", JSON.valueToTree(variables.values()));
                }
                resources.put(
                        resource.path("kind").asText() + " "
                                + resource.at("/metadata/name").asText(),
                        resource);
            }
        }
        return resources;
    }
}
