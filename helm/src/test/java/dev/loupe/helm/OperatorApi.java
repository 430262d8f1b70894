package dev.loupe.helm;

import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Custom resource definitions of operators. They are not stored in this repository: they are files of Go modules, or in the
 * case of Strimzi the output of its generator.
 */
enum OperatorApi {
    GATEWAY(
            "sigs.k8s.io/gateway-api@v1.4.0",
            "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
            "config/crd/standard/gateway.networking.k8s.io_grpcroutes.yaml"),
    CLOUD_NATIVE_PG(
            "github.com/cloudnative-pg/cloudnative-pg@v1.27.1", "config/crd/bases/postgresql.cnpg.io_clusters.yaml"),
    KEDA("github.com/kedacore/keda/v2@v2.18.1", "config/crd/bases/keda.sh_scaledobjects.yaml"),
    PROMETHEUS(
            "github.com/prometheus-operator/prometheus-operator@v0.85.0",
            "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml"),
    KUEUE(
            "sigs.k8s.io/kueue@v0.14.0",
            "config/components/crd/bases/kueue.x-k8s.io_resourceflavors.yaml",
            "config/components/crd/bases/kueue.x-k8s.io_clusterqueues.yaml",
            "config/components/crd/bases/kueue.x-k8s.io_localqueues.yaml",
            "config/components/crd/bases/kueue.x-k8s.io_workloadpriorityclasses.yaml"),
    STRIMZI("") {
        @Override
        List<Path> definitions(Path folder) throws IOException, InterruptedException {
            Map<String, Path> files = Map.of(
                    "io.strimzi.api.kafka.model.kafka.Kafka", folder.resolve("kafkas.yaml"),
                    "io.strimzi.api.kafka.model.nodepool.KafkaNodePool", folder.resolve("nodepools.yaml"),
                    "io.strimzi.api.kafka.model.topic.KafkaTopic", folder.resolve("topics.yaml"));
            List<String> command = new ArrayList<>(List.of(
                    ProcessHandle.current().info().command().orElseThrow(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "io.strimzi.crdgenerator.CrdGenerator",
                    "--yaml"));
            files.forEach((type, file) -> command.add(type + "=" + file));
            Process generator =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(generator.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (generator.waitFor() != 0) {
                throw new IOException("Strimzi's generator failed: " + output);
            }
            return List.copyOf(files.values());
        }
    };

    private final String module;
    private final List<String> files;

    OperatorApi(String module, String... files) {
        this.module = module;
        this.files = List.of(files);
    }

    /**
     * Returns files with the definitions. If they are not available, the test is skipped.
     *
     * @param folder folder for generated files
     */
    List<Path> definitions(Path folder) throws IOException, InterruptedException {
        Process go;
        try {
            go = new ProcessBuilder("go", "mod", "download", "-json", module)
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException absent) {
            return abort(
                    "skipped: go is missing, which downloads the custom resource definitions: " + absent.getMessage());
        }
        JsonNode answer = new ObjectMapper().readTree(go.getInputStream().readAllBytes());
        if (go.waitFor() != 0) {
            return abort("skipped: go cannot download " + module + ": "
                    + answer.path("Error").asText());
        }
        Path fetched = Path.of(answer.path("Dir").asText());
        return files.stream().map(fetched::resolve).toList();
    }
}
