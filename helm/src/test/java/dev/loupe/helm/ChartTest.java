package dev.loupe.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** Lints the chart and checks what it renders. */
class ChartTest {
    private static final Path FOLDER = Path.of("loupe").toAbsolutePath();
    private static final Path DEMO = FOLDER.resolve("values-demo.yaml");
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path BASE = ROOT.resolve("k8s/base/values.yaml");
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Chart CHART = new Chart(FOLDER);

    @Test
    void passesStrictLint() {
        LintResult result = CHART.lint();

        assertFalse(result.isFailed(), () -> String.join("\n", result.getMessages()));
    }

    @Test
    void documentsEveryValueAndListsItInTheSchema() throws IOException {
        JsonNode schema =
                new ObjectMapper().readTree(FOLDER.resolve("values.schema.json").toFile());
        List<ValuesReference.Entry> entries =
                ValuesReference.read(FOLDER.resolve("values.yaml")).entries();

        assertEquals(
                List.of(),
                entries.stream()
                        .filter(entry ->
                                entry.value().isPresent() && entry.description().isEmpty())
                        // The parent key documents these.
                        .filter(entry -> !entry.path().contains("esources.")
                                && !entry.path().contains("annotations."))
                        .map(ValuesReference.Entry::path)
                        .toList(),
                "values without a comment");
        Set<String> open = Set.of("requests", "limits", "annotations");
        Set<String> paths = entries.stream()
                .map(ValuesReference.Entry::path)
                .filter(path -> open.stream().noneMatch(part -> path.contains("." + part + ".")))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> known = new TreeSet<>();
        collect(schema, schema, "", known);
        known.removeIf(path -> path.endsWith(".requests") || path.endsWith(".limits"));
        paths.removeIf(path -> path.endsWith(".requests") || path.endsWith(".limits"));
        assertEquals(known, paths);
    }

    /** Collects the paths of all properties, except those of list items. */
    private static void collect(JsonNode schema, JsonNode node, String path, Set<String> paths) {
        JsonNode target =
                node.has("$ref") ? schema.at(node.path("$ref").asText().substring(1)) : node;
        target.path("properties").properties().forEach(property -> {
            String below = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
            paths.add(below);
            collect(schema, property.getValue(), below, paths);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "demo.enable|true",
                "demo.enabled|yes please",
                "demo.secret|short",
                "databse.host|db",
                "database.hostname|db",
                "database.port|99999",
                "database.existingSecret|s",
                "database.existingSecrets.datasets|s",
                "trainer.namespaces|trainers",
                "kafka.bootstrapServer|kafka:9092",
                "kafka.bootstrapServers|kafka",
                "kafka.securityProtocol|SASL",
                "storage.endpoint|s3.example.org",
                "storage.acessKeyKey|key",
                "image.pullPolicy|Sometimes",
                "global.imageRegistery|registry.example.org",
                "inferenceService.replica|3",
                "inferenceService.replicas|many",
                "inferenceService.image.digest|sha256:1234",
                "inferenceService.resources.request.cpu|1",
                "inferenceService.resources.limits.memory|3 GB",
                "inferenceService.autoscaling.maxReplica|3",
                "datasetService.cache.size|1Gi",
                "trainingService.podDisruptionBudget.enable|true",
                "console.enable|false",
                "console.autoscaling.enabled|true",
                "trainer.gpu.resource|nvidia.com/gpu",
                "trainer.gpu.count|-1",
                "trainer.tolerations[0].operator|Exist",
                "gateway.parentRef|public",
                "gateway.grpc.hostname[0]|grpc.example.org",
                "fullnameOverride|1.loupe",
                "commonLabels.app\\.kubernetes\\.io/part-of|team",
                "networkPolicy.storagePort[0]|9000",
                "ingress.grpc.enable|true",
                "networkPolicy.enable|false",
                "networkPolicy.kubernetesApiPorts[0]|https",
                "serviceMonitor.interval|often",
                "kafka.strimzi.replica|3",
                "database.cloudNativePG.instances|none",
                "inferenceService.autoscaling.keda.prometheus|prometheus:9090",
                "gateway.requestTimeout|1 hour",
                "logging.format|xml",
                "telemetry.otlpEndpoint|otel-collector",
                "telemetry.sampleRatio|2"
            })
    void rejectsTypos(String path, String value) {
        String last = path.replaceAll("\\[\\d+]", "").replaceAll(".*\\.", "");

        String words = refusal(Map.of(path, value));

        assertTrue(words.contains(last) || words.contains(path.split("[.\\[]")[0]), words);
        assertTrue(words.contains("values don't meet the specifications of the schema"), words);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "database.host",
                "database.existingSecrets.dataset",
                "database.existingSecrets.training",
                "database.existingSecrets.inference",
                "networkPolicy.storage",
                "kafka.bootstrapServers",
                "storage.endpoint",
                "storage.existingSecret",
                "auth.mode"
            })
    void requiresValuesWithoutDefault(String missing) {
        Map<String, String> values = new HashMap<>(Map.of(
                "database.host", "db",
                "database.existingSecrets.dataset", "db",
                "database.existingSecrets.training", "db",
                "database.existingSecrets.inference", "db",
                "kafka.bootstrapServers", "kafka:9092",
                "storage.endpoint", "https://s3.example.org",
                "storage.existingSecret", "s3",
                "networkPolicy.storage[0].ipBlock.cidr", "203.0.113.0/24",
                "auth.mode", "insecure"));
        CHART.render(List.of(), values);
        values.keySet().removeIf(key -> key.startsWith(missing));

        IllegalStateException refused =
                assertThrows(IllegalStateException.class, () -> CHART.render(List.of(), values));

        assertTrue(refused.getMessage().contains(missing + " is missing"), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "database.cloudNativePG.enabled, postgresql.cnpg.io/v1",
        "kafka.strimzi.enabled, kafka.strimzi.io/v1",
        "inferenceService.autoscaling.keda.enabled, keda.sh/v1alpha1"
    })
    void rejectsOperatorThatIsNotInstalled(String value, String api) {
        Map<String, Object> values =
                new HashMap<>(Map.of(value, "true", "inferenceService.autoscaling.enabled", "true"));
        values.put("inferenceService.autoscaling.keda.prometheus", "http://prometheus:9090");
        IllegalStateException refused =
                assertThrows(IllegalStateException.class, () -> CHART.render(List.of(BASE), values));
        assertTrue(refused.getMessage().contains("the API " + api), refused.getMessage());

        values.put("apiVersions[0]", api);
        assertTrue(CHART.render(List.of(BASE), values).contains("apiVersion: " + api + "\n"));
    }

    @Test
    void rendersImageReferencesWithRegistryTagAndDigest() {
        String digest = "sha256:" + "0123456789abcdef".repeat(4);

        String rendered = CHART.render(
                List.of(DEMO),
                Map.of(
                        "global.imageRegistry", "registry.example.org/team",
                        "image.tag", "1.2.3",
                        "datasetService.image.tag", "1.2.4",
                        "inferenceService.image.digest", digest));

        assertTrue(rendered.contains("image: registry.example.org/team/loupe/training-service:1.2.3\n"));
        assertTrue(rendered.contains("image: registry.example.org/team/loupe/dataset-service:1.2.4\n"));
        assertTrue(rendered.contains("image: registry.example.org/team/loupe/inference-service@" + digest + "\n"));
        assertTrue(rendered.contains("image: registry.example.org/team/loupe/trainer:1.2.3\n"));
        assertTrue(rendered.contains("image: registry.example.org/team/loupe/console:1.2.3\n"));
    }

    @Test
    void rendersOptionalResourcesOnlyWhenEnabled() {
        String rendered = CHART.render(
                List.of(DEMO),
                Map.of(
                        "gateway.enabled", "true",
                        "gateway.parentRefs[0].name", "public",
                        "gateway.hostnames[0]", "loupe.example.org",
                        "gateway.grpc.hostnames[0]", "grpc.example.org",
                        "ingress.enabled", "true",
                        "ingress.host", "loupe.example.org",
                        "ingress.grpc.enabled", "true",
                        "ingress.grpc.host", "grpc.example.org",
                        "serviceMonitor.enabled", "true",
                        "inferenceService.autoscaling.enabled", "true"));

        Set<String> kinds = kinds(rendered);
        assertTrue(
                kinds.containsAll(
                        Set.of("HTTPRoute", "GRPCRoute", "Ingress", "ServiceMonitor", "HorizontalPodAutoscaler")),
                kinds.toString());
        Set<String> without = kinds(CHART.render(List.of(DEMO), Map.of()));
        kinds.removeAll(Set.of("HTTPRoute", "GRPCRoute", "Ingress", "ServiceMonitor", "HorizontalPodAutoscaler"));
        assertEquals(kinds, without);
    }

    /** Reads the paths from the sources of the services. */
    @ParameterizedTest
    @ValueSource(strings = {"dataset-service", "training-service/service", "inference-service"})
    void everyPublicPathHasARoute(String module) throws IOException {
        Set<String> paths = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(
                Path.of("..").resolve(module).resolve("src/main/java").toAbsolutePath())) {
            for (Path source : sources.filter(file -> file.toString().endsWith("Resource.java"))
                    .toList()) {
                Matcher path = Pattern.compile("@Path\\(\"(/api/v1/[\\w-]+)").matcher(Files.readString(source));
                while (path.find()) {
                    paths.add(path.group(1));
                }
            }
        }
        assertFalse(paths.isEmpty());

        String rendered = CHART.render(
                List.of(DEMO),
                Map.of(
                        "gateway.enabled", "true",
                        "gateway.parentRefs[0].name", "public",
                        "gateway.grpc.parentRefs[0].name", "predictions"));

        for (String path : paths) {
            assertTrue(rendered.contains("value: " + path + "\n"), path);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "false, 'service/loupe-inference-service 9000 &', grpc=127.0.0.1:9000",
        "true, 'LOUPE_SERVER=dataset=https://loupe.example.org', grpc=https://grpc.example.org:443"
    })
    void notesShowTheAddressOfPredictions(boolean ingress, String line, String grpc) {
        String notes = new Helm(FOLDER)
                .install()
                .withName("loupe")
                .withNamespace("loupe")
                .withKubeVersion("1.34.0")
                .clientOnly()
                .withDryRunOption(DryRun.CLIENT)
                .withValuesFile(DEMO)
                .set("ingress.enabled", "true")
                .set("ingress.host", "loupe.example.org")
                .set("ingress.grpc.enabled", ingress)
                .set("ingress.grpc.host", "grpc.example.org")
                .call()
                .getOutput();

        assertTrue(notes.contains(line), notes);
        assertTrue(notes.contains(grpc + "\n"), notes);
    }

    @ParameterizedTest
    @CsvSource({
        "gateway.enabled=true gateway.hostnames[0]=a.example.org, expected names for both",
        "gateway.enabled=true gateway.hostnames[0]=a.example.org gateway.grpc.hostnames[0]=a.example.org, without a common name",
        "gateway.enabled=true gateway.grpc.hostnames[0]=a.example.org, expected names for both",
        "trainingService.serviceAccount.create=false, trainingService.serviceAccount.name is missing",
        "inferenceService.autoscaling.keda.enabled=true, requires autoscaling.enabled",
        "kafka.strimzi.enabled=true kafka.securityProtocol=SSL, expected PLAINTEXT with kafka.strimzi.enabled"
    })
    void rejectsContradictoryValues(String values, String words) {
        Map<String, Object> all =
                new HashMap<>(Map.of("apiVersions[0]", "kafka.strimzi.io/v1", "gateway.parentRefs[0].name", "public"));
        Stream.of(values.split(" ")).map(one -> one.split("=")).forEach(one -> all.put(one[0], one[1]));
        String refused = assertThrows(IllegalStateException.class, () -> CHART.render(List.of(BASE), all))
                .getMessage();

        assertTrue(refused.contains(words), refused);
    }

    @Test
    void allowsConfiguredPortsOfPods() {
        String rendered = CHART.render(
                List.of(BASE),
                Map.of(
                        "storage.endpoint", "https://minio.storage.svc",
                        "networkPolicy.storagePorts[0]", "9000",
                        "networkPolicy.databasePorts[0]", "6432"));

        assertEquals(4, rendered.split("\\{protocol: TCP, port: 9000}", -1).length - 1, "services and trainers");
        assertEquals(3, rendered.split("\\{protocol: TCP, port: 6432}", -1).length - 1, "services");
        assertFalse(rendered.contains("port: 5432}"));
    }

    /** A rule without peers would allow all peers. */
    @ParameterizedTest
    @ValueSource(strings = {"helm/loupe/values-demo.yaml", "k8s/base/values.yaml", "k8s/operators/values.yaml"})
    void networkPolicyRulesHavePeersAndPorts(String values) {
        String rendered = CHART.render(
                List.of(ROOT.resolve(values)),
                Map.of("telemetry.otlpEndpoint", "http://otel-collector.observability.svc:4317"));
        int rules = 0;
        for (Map<String, Object> policy : resources(rendered, "NetworkPolicy")) {
            JsonNode spec = MAPPER.valueToTree(policy.get("spec"));
            for (JsonNode rule : spec.path("ingress")) {
                assertFalse(rule.path("from").isEmpty(), policy.toString());
                assertFalse(rule.path("ports").isEmpty(), policy.toString());
                rules++;
            }
            for (JsonNode rule : spec.path("egress")) {
                assertFalse(rule.path("to").isEmpty(), policy.toString());
                assertFalse(rule.path("ports").isEmpty(), policy.toString());
                rules++;
            }
            assertEquals(2, spec.path("policyTypes").size(), policy.toString());
        }
        assertTrue(rules >= 15, rules + " rules");
    }

    @Test
    void allowsOnlyLoupesPodsAndConfiguredClients() {
        assertEquals(
                Set.of("{\"podSelector\":{\"matchLabels\":{\"app.kubernetes.io/name\":\"loupe\","
                        + "\"app.kubernetes.io/instance\":\"loupe\"}}}"),
                callers(CHART.render(List.of(BASE), Map.of())));

        Set<String> named = callers(
                CHART.render(List.of(BASE), Map.of("networkPolicy.clients[0].podSelector.matchLabels.app", "camera")));
        assertTrue(named.contains("{\"podSelector\":{\"matchLabels\":{\"app\":\"camera\"}}}"), named.toString());
        assertEquals(2, named.size(), named.toString());
    }

    private static Set<String> callers(String rendered) {
        Set<String> callers = new TreeSet<>();
        for (Map<String, Object> policy : resources(rendered, "NetworkPolicy")) {
            JsonNode spec = MAPPER.valueToTree(policy.get("spec"));
            spec.path("ingress").forEach(rule -> rule.path("from").forEach(peer -> callers.add(peer.toString())));
        }
        return callers;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "db|{podSelector: {}}",
                "db.stores.svc|{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: stores}}}",
                "db-0.db.stores.svc.cluster.local|{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: stores}}}",
                "192.0.2.7|{ipBlock: {cidr: 192.0.2.7/32}}"
            })
    void derivesPeersFromTheHost(String host, String peer) {
        String rendered = CHART.render(List.of(BASE), Map.of("database.host", host));

        JsonNode egress = MAPPER.valueToTree(
                        policy(rendered, "loupe-dataset-service").get("spec"))
                .path("egress");
        JsonNode expected = MAPPER.valueToTree(List.of(new Yaml().<Object>load(peer)));
        assertEquals(expected, egress.get(0).path("to"), host);
    }

    @Test
    void requiresPeersForOtherHosts() {
        String refused = assertThrows(
                        IllegalStateException.class,
                        () -> CHART.render(List.of(BASE), Map.of("database.host", "db.example.org")))
                .getMessage();

        assertTrue(refused.contains("networkPolicy.database is missing"), refused);
    }

    @Test
    void eachServiceHasItsOwnAccount() {
        Set<String> accounts = new TreeSet<>();
        for (Map<String, Object> deployment : resources(CHART.render(List.of(BASE), Map.of()), "Deployment")) {
            accounts.add(environment(deployment)
                    .path("QUARKUS_DATASOURCE_PASSWORD")
                    .at("/secretKeyRef/name")
                    .asText("none: the console"));
        }
        accounts.remove("none: the console");
        assertEquals(Set.of("loupe-database-dataset", "loupe-database-training", "loupe-database-inference"), accounts);

        Set<String> keys = new TreeSet<>();
        Set<String> passwords = new TreeSet<>();
        String demo = CHART.render(List.of(DEMO), Map.of());
        for (Map<String, Object> deployment : resources(demo, "Deployment")) {
            keys.add(environment(deployment)
                    .path("QUARKUS_DATASOURCE_PASSWORD")
                    .at("/secretKeyRef/key")
                    .asText());
        }
        JsonNode secret =
                MAPPER.valueToTree(resources(demo, "Secret").getFirst().get("data"));
        secret.properties().forEach(entry -> passwords.add(entry.getValue().asText()));
        assertTrue(keys.containsAll(Set.of("password-dataset", "password-training", "password-inference")), "" + keys);
        assertEquals(secret.size(), passwords.size(), "passwords differ");
    }

    @ParameterizedTest
    @CsvSource({
        "dataset-service, 1536Mi, -Xmx768m -XX:MaxDirectMemorySize=153m, 384M, ''",
        "training-service, 2560Mi, -Xmx640m -XX:MaxDirectMemorySize=128m, '', ''",
        "inference-service, 3Gi, -Xmx1228m -XX:MaxDirectMemorySize=307m, 614M, 460M",
        "console, 384Mi, -Xmx115m -XX:MaxDirectMemorySize=115m, '', ''"
    })
    void derivesMemorySettingsFromTheLimit(String component, String limit, String java, String images, String models) {
        for (Map<String, Object> deployment : resources(CHART.render(List.of(BASE), Map.of()), "Deployment")) {
            if (((Map<?, ?>) deployment.get("metadata")).get("name").equals("loupe-" + component)) {
                JsonNode container = MAPPER.valueToTree(deployment).at("/spec/template/spec/containers/0");
                JsonNode environment = environment(deployment);
                assertEquals(limit, container.at("/resources/limits/memory").asText());
                assertEquals(java, environment.path("JDK_JAVA_OPTIONS").asText());
                assertEquals(
                        images, environment.path("LOUPE_IMAGES_DECODER_MEMORY").asText());
                assertEquals(
                        models,
                        environment.path("LOUPE_INFERENCE_LOADING_MEMORY").asText());
                return;
            }
        }
        throw new AssertionError(component);
    }

    @ParameterizedTest
    @CsvSource({"2G, 953", "1.5Gi, 768", "800M, 381", "1073741824, 512", "2097152Ki, 1024"})
    void parsesMemoryInAllUnits(String limit, int heap) {
        String rendered = CHART.render(List.of(BASE), Map.of("datasetService.resources.limits.memory", limit));

        assertTrue(rendered.contains("value: -Xmx" + heap + "m "), limit);
    }

    @Test
    void rejectsMemorySharesAboveNinetyPercent() {
        String refused = assertThrows(
                        IllegalStateException.class,
                        () -> CHART.render(List.of(BASE), Map.of("datasetService.memory.heapPercent", "60")))
                .getMessage();

        assertTrue(refused.contains("memory of dataset-service: expected shares of at most 90 percent"), refused);
    }

    /** Kubernetes evicts a pod whose emptyDir exceeds its limit. */
    @Test
    void limitsUploadsBelowTheSizeOfTheirFolder() {
        String rendered = CHART.render(List.of(BASE), Map.of("datasetService.temporarySize", "5Gi"));

        assertTrue(rendered.contains("name: LOUPE_UPLOAD_MAX_SPOOL_SIZE\n              value: 4096M\n"));
        assertTrue(rendered.contains("sizeLimit: 5Gi\n"));
    }

    private static JsonNode environment(Map<String, Object> deployment) {
        Map<String, JsonNode> environment = new HashMap<>();
        JsonNode.class
                .cast(MAPPER.valueToTree(deployment))
                .at("/spec/template/spec/containers/0/env")
                .forEach(one -> environment.put(
                        one.path("name").asText(), one.has("valueFrom") ? one.path("valueFrom") : one.path("value")));
        return MAPPER.valueToTree(environment);
    }

    @Test
    void supportsSeparateNamespaceForTrainers() {
        String rendered = CHART.render(List.of(DEMO), Map.of("trainer.namespace", "trainers"));

        Set<String> there = new TreeSet<>();
        for (String kind : List.of(
                "ServiceAccount", "Role", "RoleBinding", "NetworkPolicy", "PodTemplate", "Deployment", "Secret")) {
            for (Map<String, Object> resource : resources(rendered, kind)) {
                JsonNode metadata = MAPPER.valueToTree(resource.get("metadata"));
                if (metadata.path("namespace").asText().equals("trainers")) {
                    there.add(kind + " " + metadata.path("name").asText());
                }
            }
        }
        assertEquals(
                Set.of(
                        "NetworkPolicy loupe-trainer",
                        "PodTemplate loupe-trainer",
                        "Role loupe-training-service",
                        "RoleBinding loupe-training-service",
                        "ServiceAccount loupe-trainer"),
                there);
        JsonNode binding = MAPPER.valueToTree(resources(rendered, "RoleBinding").getFirst());
        assertEquals("loupe", binding.at("/subjects/0/namespace").asText());
        assertTrue(rendered.contains("- name: LOUPE_TRAINING_KUBERNETES_NAMESPACE\n              value: trainers\n"));
        assertTrue(rendered.contains("value: http://loupe-demo.loupe.svc:9090\n"));
        assertTrue(callers(rendered).stream()
                .anyMatch(peer -> peer.contains("\"kubernetes.io/metadata.name\":\"trainers\"")
                        && peer.contains("\"app.kubernetes.io/component\":\"trainer\"")));
        String refused = assertThrows(
                        IllegalStateException.class,
                        () -> CHART.render(
                                List.of(BASE),
                                Map.of("trainer.namespace", "trainers", "storage.endpoint", "http://minio:9000")))
                .getMessage();
        assertTrue(refused.contains("storage.endpoint: expected a host name"), refused);
    }

    private static List<Map<String, Object>> resources(String rendered, String kind) {
        return Chart.documents(rendered).stream()
                .map(document -> new Yaml().<Map<String, Object>>load(document))
                .filter(resource -> kind.equals(resource.get("kind")))
                .toList();
    }

    private static Map<String, Object> policy(String rendered, String name) {
        return resources(rendered, "NetworkPolicy").stream()
                .filter(policy ->
                        ((Map<?, ?>) policy.get("metadata")).get("name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void mountsAdditionalVolumesInTrainers() {
        String rendered = CHART.render(
                List.of(DEMO),
                Map.of(
                        "trainer.extraVolumes[0].name", "ca",
                        "trainer.extraVolumes[0].configMap.name", "authority",
                        "trainer.extraVolumeMounts[0].name", "ca",
                        "trainer.extraVolumeMounts[0].mountPath", "/etc/certificates"));

        Map<?, ?> pod = (Map<?, ?>)
                ((Map<?, ?>) resources(rendered, "PodTemplate").getFirst().get("template")).get("spec");
        assertTrue(pod.get("volumes").toString().contains("{configMap={name=authority}, name=ca}"), "" + pod);
        assertTrue(pod.get("containers").toString().contains("{mountPath=/etc/certificates, name=ca}"), "" + pod);
    }

    @Test
    void givesServiceAndTrainersTheFolderOfFurtherRecipes() {
        String rendered = CHART.render(List.of(DEMO), Map.of("trainer.recipesDirectory", "/recipes"));
        assertTrue(rendered.contains("- name: LOUPE_TRAINING_RECIPES_DIRECTORY\n              value: /recipes\n"));
        assertTrue(rendered.contains("- name: LOUPE_RECIPES_DIRECTORY\n            value: /recipes\n"));
        assertFalse(CHART.render(List.of(DEMO), Map.of()).contains("RECIPES_DIRECTORY"));
    }

    @Test
    void exportsTracesOnlyToAConfiguredCollector() {
        String without = CHART.render(List.of(DEMO), Map.of());
        assertFalse(without.contains("OTLP"), "no endpoint");
        String logging = "- name: LOUPE_LOG_JSON\n              value: \"true\"";
        assertEquals(4, without.split(logging, -1).length - 1, "services and console log JSON");
        assertTrue(without.contains("- name: LOUPE_LOG_JSON\n            value: \"true\""), "trainers that log JSON");

        String with = CHART.render(
                List.of(DEMO),
                Map.of(
                        "telemetry.otlpEndpoint", "http://otel-collector.observability.svc:4317",
                        "telemetry.sampleRatio", "0.25",
                        "logging.format", "text"));
        assertEquals(3, with.split("value: \"http://otel-collector.observability.svc:4317\"", -1).length - 1);
        assertEquals(3, with.split("value: \"0.25\"", -1).length - 1);
        assertEquals(3, with.split("port: 4317}", -1).length - 1, "services that may connect to the collector");
        assertFalse(with.contains(logging));
    }

    /** Its own resources and its rule of the route are left out; nothing else changes. */
    @ParameterizedTest
    @ValueSource(strings = {"helm/loupe/values-demo.yaml", "k8s/base/values.yaml", "k8s/operators/values.yaml"})
    void consoleCanBeLeftOut(String file) {
        List<Path> values = List.of(ROOT.resolve(file));
        Map<String, String> secret = Map.of("demo.secret", "a-demonstration-only");
        List<String> with = Chart.documents(CHART.render(values, secret));
        List<String> without = Chart.documents(
                CHART.render(values, Map.of("demo.secret", "a-demonstration-only", "console.enabled", "false")));

        assertFalse(String.join("\n", without).contains("console"));
        List<String> added =
                with.stream().filter(document -> !without.contains(document)).toList();
        assertTrue(
                kinds(String.join("\n", added))
                        .containsAll(Set.of(
                                "Deployment", "Service", "ServiceAccount", "NetworkPolicy", "PodDisruptionBudget")),
                added.toString());
        for (String document : added) {
            Map<String, Object> resource = new Yaml().load(document);
            String name = (String) ((Map<?, ?>) resource.get("metadata")).get("name");
            assertEquals("HTTPRoute".equals(resource.get("kind")) ? "loupe" : "loupe-console", name);
        }
    }

    @Test
    void consoleReachesTheThreeServicesAndNothingElse() {
        String rendered = CHART.render(List.of(BASE), Map.of());

        Map<String, Object> deployment = resources(rendered, "Deployment").stream()
                .filter(one -> ((Map<?, ?>) one.get("metadata")).get("name").equals("loupe-console"))
                .findFirst()
                .orElseThrow();
        JsonNode environment = environment(deployment);
        assertEquals(
                "http://loupe-dataset-service:8080",
                environment.path("LOUPE_CONSOLE_DATASET_SERVICE").asText());
        assertEquals(
                "http://loupe-training-service:8081",
                environment.path("LOUPE_CONSOLE_TRAINING_SERVICE").asText());
        assertEquals(
                "http://loupe-inference-service:8082",
                environment.path("LOUPE_CONSOLE_INFERENCE_SERVICE").asText());
        JsonNode pod = MAPPER.valueToTree(deployment).at("/spec/template/spec");
        assertFalse(pod.path("automountServiceAccountToken").asBoolean(true));
        assertTrue(pod.at("/securityContext/runAsNonRoot").asBoolean());
        assertTrue(
                pod.at("/containers/0/securityContext/readOnlyRootFilesystem").asBoolean());
        JsonNode egress = MAPPER.valueToTree(policy(rendered, "loupe-console").get("spec"))
                .path("egress");
        assertEquals(1, egress.size());
        Set<String> reached = new TreeSet<>();
        egress.at("/0/to")
                .forEach(peer -> reached.add(peer.at("/podSelector/matchLabels/app.kubernetes.io~1component")
                        .asText()));
        assertEquals(Set.of("dataset-service", "training-service", "inference-service"), reached);
    }

    /** The longest prefix wins: requests to the APIs don't pass through the console. */
    @Test
    void consoleHasTheRestOfTheHost() {
        String rendered = CHART.render(
                List.of(DEMO),
                Map.of(
                        "gateway.enabled", "true",
                        "gateway.parentRefs[0].name", "public",
                        "gateway.grpc.parentRefs[0].name", "predictions",
                        "ingress.enabled", "true",
                        "ingress.host", "loupe.example.org"));

        JsonNode rules = MAPPER.valueToTree(
                        resources(rendered, "HTTPRoute").getFirst().get("spec"))
                .path("rules");
        JsonNode rule = rules.get(rules.size() - 1);
        assertEquals("/", rule.at("/matches/0/path/value").asText());
        assertEquals("loupe-console", rule.at("/backendRefs/0/name").asText());
        assertEquals(8090, rule.at("/backendRefs/0/port").asInt());
        JsonNode paths =
                MAPPER.valueToTree(resources(rendered, "Ingress").getFirst()).at("/spec/rules/0/http/paths");
        JsonNode path = paths.get(paths.size() - 1);
        assertEquals("/", path.path("path").asText());
        assertEquals("loupe-console", path.at("/backend/service/name").asText());
    }

    @Test
    void demoSecretIsConstantWithinARelease() {
        String rendered = CHART.render(List.of(DEMO), Map.of());

        assertEquals(
                1,
                rendered.lines()
                        .filter(line -> line.contains("checksum/demo:"))
                        .distinct()
                        .count());
    }

    private static Set<String> kinds(String rendered) {
        return rendered.lines()
                .filter(line -> line.startsWith("kind: "))
                .map(line -> line.substring(6))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String refusal(Map<String, ?> values) {
        return assertThrows(IllegalStateException.class, () -> CHART.render(List.of(DEMO), values))
                .getMessage();
    }
}
