package dev.loupe.images.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A namespace of the cluster that {@code kubectl} is configured for, and the Helm release in it. */
public record Cluster(Tool kubectl, Tool helm, String namespace) {
    private static final String RELEASE = "loupe";
    /** Label of the trainers' Jobs. */
    private static final String RUN_LABEL = "loupe.dev/run";

    private static final String GPU = "nvidia.com/gpu";

    /** Name of kubectl's current context. */
    String context() {
        return kubectl.run("", "config", "current-context").strip();
    }

    /** @throws CommandException when the cluster does not respond */
    void requireReachable() {
        kubectl.run("", "version", "--request-timeout=10s");
    }

    /** Creates the namespace, which enforces the Pod Security standard "restricted". */
    public void createNamespace() {
        ObjectNode manifest = Json.object().put("apiVersion", "v1").put("kind", "Namespace");
        manifest.putObject("metadata")
                .put("name", namespace)
                .putObject("labels")
                .put("pod-security.kubernetes.io/enforce", "restricted");
        kubectl.run(manifest.toString(), "apply", "-f", "-");
    }

    /** Largest number of allocatable GPUs on one node. */
    int maxGpusPerNode() {
        int max = 0;
        for (JsonNode node : json("get", "nodes").path("items")) {
            max = Math.max(
                    max, node.path("status").path("allocatable").path(GPU).asInt());
        }
        return max;
    }

    /** Installs or upgrades the release, and waits until all pods are ready. */
    void install(Path chart, List<String> values) {
        List<String> arguments = new ArrayList<>(List.of(
                "upgrade",
                "--install",
                RELEASE,
                chart.toString(),
                "--namespace",
                namespace,
                "--values",
                chart.resolve("values-demo.yaml").toString(),
                "--wait",
                "--timeout",
                "5m"));
        values.forEach(value -> arguments.addAll(List.of("--set", value)));
        helm.run("", arguments.toArray(String[]::new));
    }

    void test() {
        helm.run("", "test", RELEASE, "--namespace", namespace, "--timeout", "3m");
    }

    public PortForwards forward() {
        return PortForwards.open(kubectl, namespace, RELEASE);
    }

    /** Removes the release, its Jobs and the namespace. */
    public void remove() {
        if (kubectl.run("", "get", "namespace", namespace, "--ignore-not-found", "-o", "name")
                .isBlank()) {
            throw new CommandException("there is no namespace '" + namespace + "' in " + context());
        }
        helm.run("", "uninstall", RELEASE, "--namespace", namespace, "--ignore-not-found", "--wait");
        kubectl.run("", "delete", "jobs", "--namespace", namespace, "--selector", RUN_LABEL, "--ignore-not-found");
        kubectl.run("", "delete", "namespace", namespace, "--timeout=3m");
    }

    private JsonNode json(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-o", "json"));
        try {
            return Json.read(kubectl.run("", all.toArray(String[]::new)));
        } catch (JsonProcessingException e) {
            throw new CommandException("kubectl printed invalid JSON: " + e.getMessage(), e);
        }
    }
}
