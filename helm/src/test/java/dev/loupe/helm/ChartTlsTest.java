package dev.loupe.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** What the chart renders for TLS. */
class ChartTlsTest {
    private static final Path FOLDER = Path.of("loupe").toAbsolutePath();
    private static final Path DEMO = FOLDER.resolve("values-demo.yaml");
    private static final Path BASE =
            Path.of("../k8s/base/values.yaml").toAbsolutePath().normalize();
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Chart CHART = new Chart(FOLDER);
    private static final Map<String, String> ONE_SECRET = Map.of("tls.enabled", "true", "tls.secretName", "loupe-tls");

    private static String render(Path values, Map<String, String> first, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(first);
        all.putAll(more);
        return CHART.render(List.of(values), all);
    }

    private static JsonNode resource(String rendered, String kind, String name) {
        return resources(rendered, kind).stream()
                .filter(resource -> resource.at("/metadata/name").asText().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<JsonNode> resources(String rendered, String kind) {
        return Chart.documents(rendered).stream()
                .map(document -> MAPPER.<JsonNode>valueToTree(new Yaml().load(document)))
                .filter(resource -> kind.equals(resource.path("kind").asText()))
                .toList();
    }

    private static JsonNode pod(String rendered, String component) {
        return component.equals("trainer")
                ? resource(rendered, "PodTemplate", "loupe-trainer").at("/template/spec")
                : resource(rendered, "Deployment", "loupe-" + component).at("/spec/template/spec");
    }

    private static String variable(JsonNode pod, String name) {
        for (JsonNode variable : pod.at("/containers/0/env")) {
            if (variable.path("name").asText().equals(name)) {
                return variable.has("value")
                        ? variable.path("value").asText()
                        : variable.at("/valueFrom/secretKeyRef").toString();
            }
        }
        return null;
    }

    /** Secrets of mounted volumes by the folder that they are mounted in, with the keys if not all are mounted. */
    private static Map<String, String> mounted(JsonNode pod) {
        Map<String, String> folders = new HashMap<>();
        for (JsonNode mount : pod.at("/containers/0/volumeMounts")) {
            for (JsonNode volume : pod.path("volumes")) {
                if (volume.path("name").equals(mount.path("name")) && volume.has("secret")) {
                    String items = volume.at("/secret/items").isMissingNode() ? "" : "/ca.crt";
                    folders.put(
                            mount.path("mountPath").asText(),
                            volume.at("/secret/secretName").asText() + items);
                }
            }
        }
        return folders;
    }

    @Test
    void withoutTlsNothingOfItIsRendered() {
        String rendered = CHART.render(List.of(DEMO), Map.of("serviceMonitor.enabled", "true"));

        assertFalse(rendered.contains("tls"), "tls");
        assertFalse(rendered.contains("LOUPE_TLS"), "LOUPE_TLS");
        assertFalse(rendered.contains("https"), "https");
        assertTrue(resource(rendered, "Deployment", "loupe-inference-service")
                .at("/spec/template/spec/containers/0/livenessProbe")
                .has("grpc"));
    }

    @Test
    void oneSecretGivesAllServersTlsAndTheirClientsItsAuthority() {
        String rendered = render(DEMO, ONE_SECRET, Map.of("serviceMonitor.enabled", "true"));

        for (String component : List.of("dataset-service", "training-service", "inference-service", "console")) {
            JsonNode pod = pod(rendered, component);
            assertEquals("/etc/loupe-tls/own/tls.crt", variable(pod, "LOUPE_TLS_CERTIFICATE"), component);
            assertEquals("/etc/loupe-tls/own/tls.key", variable(pod, "LOUPE_TLS_KEY"), component);
            assertEquals(null, variable(pod, "LOUPE_TLS_CLIENT_CA"), component);
            assertEquals(Map.of("/etc/loupe-tls/own", "loupe-tls"), mounted(pod), component);
            for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
                assertEquals(
                        "HTTPS",
                        pod.at("/containers/0/" + probe + "/httpGet/scheme").asText(),
                        component + " " + probe);
            }
            JsonNode monitor =
                    resource(rendered, "ServiceMonitor", "loupe-" + component).at("/spec/endpoints/0");
            assertEquals("https", monitor.path("scheme").asText());
            assertEquals(
                    "loupe-" + component, monitor.at("/tlsConfig/serverName").asText());
            assertEquals("loupe-tls", monitor.at("/tlsConfig/ca/secret/name").asText());
        }
        JsonNode console = pod(rendered, "console");
        assertEquals("https://loupe-dataset-service:8080", variable(console, "LOUPE_CONSOLE_DATASET_SERVICE"));
        assertEquals("/etc/loupe-tls/own/ca.crt", variable(console, "LOUPE_TLS_CA"));
        assertEquals(
                "https://loupe-training-service.loupe.svc:8081",
                variable(pod(rendered, "training-service"), "LOUPE_TRAINING_REPORT_ADDRESS"));
        JsonNode trainer = pod(rendered, "trainer");
        assertEquals("/etc/loupe-tls/own/ca.crt", variable(trainer, "LOUPE_TLS_CA"));
        assertEquals(null, variable(trainer, "LOUPE_TLS_KEY"));
        assertEquals(Map.of("/etc/loupe-tls/own", "loupe-tls/ca.crt"), mounted(trainer), "no key in trainers");
        JsonNode service =
                resource(rendered, "Service", "loupe-inference-service").at("/spec/ports");
        assertEquals("https", service.at("/0/appProtocol").asText());
        assertEquals("https", service.at("/1/appProtocol").asText());
    }

    @Test
    void certManagerMakesACertificateForEachComponent() {
        Map<String, String> values = Map.of(
                "tls.enabled", "true",
                "tls.certManager.issuerRef.name", "internal",
                "tls.certManager.issuerRef.kind", "ClusterIssuer",
                "trainer.namespace", "trainers",
                "apiVersions[0]", "cert-manager.io/v1");
        String rendered = render(DEMO, values, Map.of("tls.clientCaSecret", "clients"));

        Set<String> secrets = new TreeSet<>();
        for (JsonNode certificate : resources(rendered, "Certificate")) {
            secrets.add(certificate.at("/spec/secretName").asText());
            assertEquals("internal", certificate.at("/spec/issuerRef/name").asText());
            assertEquals("ClusterIssuer", certificate.at("/spec/issuerRef/kind").asText());
        }
        assertEquals(
                Set.of(
                        "loupe-console-tls",
                        "loupe-dataset-service-tls",
                        "loupe-inference-service-tls",
                        "loupe-trainer-tls",
                        "loupe-training-service-tls"),
                secrets);
        assertEquals(
                "trainers",
                resource(rendered, "Certificate", "loupe-trainer")
                        .at("/metadata/namespace")
                        .asText());
        String names = resource(rendered, "Certificate", "loupe-inference-service")
                .at("/spec/dnsNames")
                .toString();
        assertTrue(names.contains("\"loupe-inference-grpc.loupe.svc\""), names);
        assertEquals(
                Map.of(
                        "/etc/loupe-tls/own",
                        "loupe-inference-service-tls",
                        "/etc/loupe-tls/client-ca",
                        "clients/ca.crt"),
                mounted(pod(rendered, "inference-service")));
        assertEquals(
                "/etc/loupe-tls/client-ca/ca.crt", variable(pod(rendered, "inference-service"), "LOUPE_TLS_CLIENT_CA"));
        assertEquals(null, variable(pod(rendered, "console"), "LOUPE_TLS_CLIENT_CA"), "browsers need no certificate");
        assertEquals("/etc/loupe-tls/own/tls.key", variable(pod(rendered, "trainer"), "LOUPE_TLS_KEY"));
    }

    @Test
    void connectsToDatabaseKafkaAndStorageOfAPrivateAuthority() {
        String rendered = CHART.render(
                List.of(BASE),
                Map.of(
                        "database.caSecret", "database-ca",
                        "database.parameters", "connectTimeout=5",
                        "kafka.securityProtocol", "SSL",
                        "kafka.caSecret", "kafka-ca",
                        "kafka.clientCertificateSecret", "kafka-user",
                        "storage.caSecret", "storage-ca"));

        JsonNode pod = pod(rendered, "dataset-service");
        assertEquals(
                "jdbc:postgresql://postgres.databases.svc:5432/loupe?sslmode=verify-full"
                        + "&sslrootcert=/etc/loupe-tls/database/ca.crt&connectTimeout=5",
                variable(pod, "QUARKUS_DATASOURCE_JDBC_URL"));
        assertEquals("PEM", variable(pod, "KAFKA_SSL_TRUSTSTORE_TYPE"));
        assertEquals("/etc/loupe-tls/kafka/ca.crt", variable(pod, "KAFKA_SSL_TRUSTSTORE_LOCATION"));
        assertEquals("PEM", variable(pod, "KAFKA_SSL_KEYSTORE_TYPE"));
        assertEquals("{\"name\":\"kafka-user\",\"key\":\"tls.key\"}", variable(pod, "KAFKA_SSL_KEYSTORE_KEY"));
        assertEquals("/etc/loupe-tls/storage/ca.crt", variable(pod, "LOUPE_STORAGE_CA"));
        assertEquals(
                Map.of(
                        "/etc/loupe-tls/database", "database-ca/ca.crt",
                        "/etc/loupe-tls/kafka", "kafka-ca/ca.crt",
                        "/etc/loupe-tls/storage", "storage-ca/ca.crt"),
                mounted(pod));
        JsonNode trainer = pod(rendered, "trainer");
        assertEquals("/etc/loupe-tls/storage/ca.crt", variable(trainer, "LOUPE_STORAGE_CA"));
        assertEquals(Map.of("/etc/loupe-tls/storage", "storage-ca/ca.crt"), mounted(trainer));
        assertEquals(Map.of(), mounted(pod(rendered, "console")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tls.enabled=true|tls.secretName is missing",
                "tls.enabled=true,tls.secretName=s,trainer.namespace=trainers|tls.secretNames.trainer is missing",
                "tls.enabled=true,tls.secretName=s,tls.clientCaSecret=c|tls.secretNames.trainer is missing",
                "tls.enabled=true,tls.certManager.issuerRef.name=i|cert-manager.io/v1",
                "kafka.caSecret=ca|kafka.securityProtocol: expected SSL or SASL_SSL",
                "database.caSecret=ca,database.parameters=sslmode=require|database.parameters: expected no sslmode"
            })
    void rejectsValuesThatMissSomething(String values, String words) {
        Map<String, String> set = new HashMap<>();
        for (String pair : values.split(",")) {
            set.put(pair.split("=", 2)[0], pair.split("=", 2)[1]);
        }
        if (set.containsKey("trainer.namespace")) {
            set.put("storage.endpoint", "http://minio.storage.svc:9000");
        }

        String refused = assertThrows(IllegalStateException.class, () -> CHART.render(List.of(BASE), set))
                .getMessage();

        assertTrue(refused.contains(words), refused);
    }
}
