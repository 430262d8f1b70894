package dev.loupe.images.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A namespace of the cluster that {@code kubectl} speaks with, and the release in it. */
public record Cluster(Tool kubectl, Tool helm, String namespace) {
    private static final String RELEASE = "loupe";
    /** What a Job of a trainer bears. */
    private static final String RUN = "loupe.dev/run";

    private static final String GPU = "nvidia.com/gpu";

    /** The name by which kubectl knows it. */
    String context() {
        return kubectl.run("", "config", "current-context").strip();
    }

    /** @throws CommandException when it does not answer */
    void requireAnswer() {
        kubectl.run("", "version", "--request-timeout=10s");
    }

    /** Takes pods that Pod Security calls restricted, and no others. */
    public void makeNamespace() {
        ObjectNode wanted = Json.object().put("apiVersion", "v1").put("kind", "Namespace");
        wanted.putObject("metadata")
                .put("name", namespace)
                .putObject("labels")
                .put("pod-security.kubernetes.io/enforce", "restricted");
        kubectl.run(wanted.toString(), "apply", "-f", "-");
    }

    /** The most GPUs that a node offers. */
    int gpusOfANode() {
        int most = 0;
        for (JsonNode node : json("get", "nodes").path("items")) {
            most = Math.max(
                    most, node.path("status").path("allocatable").path(GPU).asInt());
        }
        return most;
    }

    /** Installs or upgrades, and waits until all is ready. */
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

    /** Everything that was made here, and what it made. */
    public void remove() {
        if (kubectl.run("", "get", "namespace", namespace, "--ignore-not-found", "-o", "name")
                .isBlank()) {
            throw new CommandException("there is no namespace '" + namespace + "' in " + context());
        }
        helm.run("", "uninstall", RELEASE, "--namespace", namespace, "--ignore-not-found", "--wait");
        kubectl.run("", "delete", "jobs", "--namespace", namespace, "--selector", RUN, "--ignore-not-found");
        kubectl.run("", "delete", "namespace", namespace, "--timeout=3m");
    }

    private JsonNode json(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-o", "json"));
        try {
            return Json.read(kubectl.run("", all.toArray(String[]::new)));
        } catch (JsonProcessingException e) {
            throw new CommandException("kubectl said something that is no JSON: " + e.getMessage(), e);
        }
    }
}
