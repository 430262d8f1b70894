package dev.loupe.tests.path;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs all shell blocks of the install page on a real cluster, unchanged and in order.
 * Devstacks provide the reader's PostgreSQL, Kafka and S3, at the addresses that the
 * page names.
 */
@Tag("cluster")
@Tag("long")
class InstallPageIT {
    private static final Path PAGE = LoupeProgram.HOME.resolve("docs/guides/install.md");
    private static final Pattern BLOCK =
            Pattern.compile("^#+ ([^\\n]+)$|^```(\\w+)\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final List<String> NAMESPACES = List.of("loupe", "databases", "messaging", "storage");
    private static final String STORAGE_SECRET = "a-secret-of-this-test";
    private static final List<String> SERVICES = List.of("dataset", "training", "inference");
    private static final String CHART = "loupe-0.1.0-mine/chart/loupe";

    @TempDir
    private Path folder;

    private final List<String> ours = new ArrayList<>();
    /** Null: there is no Keycloak here. */
    private LoginOfThePage login;

    /** A block of the page, below a heading, in a language. */
    private record Block(String heading, String language, String text) {}

    private static Optional<String> environment(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }

    @BeforeEach
    void aFolderLikeAClone() throws Exception {
        assumeTrue(
                environment("LOUPE_KUBECONFIG")
                        .or(() -> environment("KUBECONFIG"))
                        .isPresent(),
                "skipped: neither LOUPE_KUBECONFIG nor KUBECONFIG names a cluster");
        assumeTrue(
                environment("LOUPE_IMAGE_LOAD").isPresent(),
                "skipped: LOUPE_IMAGE_LOAD does not say how images get into the cluster");
        for (String name : List.of("helm", "k8s")) {
            Files.createSymbolicLink(folder.resolve(name), LoupeProgram.HOME.resolve(name));
        }
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Optional<String> helm = environment("LOUPE_HELM");
        if (helm.isPresent()) {
            program(bin.resolve("helm"), "exec " + helm.get());
        }
        program(
                folder.resolve("loupe"),
                "exec '%s' -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -Dloupe.home='%s' dev.loupe.cli.command.Loupe"
                        .formatted(ProcessHandle.current().info().command().orElseThrow(), LoupeProgram.HOME));
        // The test deletes these objects at the end, so they must not exist before.
        List<String> names = new ArrayList<>(List.of("priorityclass loupe-training"));
        NAMESPACES.forEach(namespace -> names.add("namespace " + namespace));
        for (String name : names) {
            assumeTrue(
                    shell("kubectl get " + name + " --ignore-not-found").isBlank(),
                    "skipped: the cluster has a " + name + " already");
        }
        ours.addAll(NAMESPACES);
        startKeycloak();
    }

    private void startKeycloak() throws Exception {
        Optional<String> distribution = environment("LOUPE_KEYCLOAK");
        if (distribution.isEmpty()) {
            System.out.println("skipped: the installation with OpenID Connect: LOUPE_KEYCLOAK names no folder");
            return;
        }
        String node = shell("kubectl get nodes --output"
                        + " 'jsonpath={.items[0].status.addresses[?(@.type==\"InternalIP\")].address}'")
                .strip();
        if (NetworkInterface.getByInetAddress(InetAddress.getByName(node)) == null) {
            System.out.println("skipped: the installation with OpenID Connect: the node " + node
                    + " is another machine, and its pods may not reach this one");
            return;
        }
        login = new LoginOfThePage(folder, Path.of(distribution.get()), node);
    }

    private static void program(Path file, String line) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + line + " \"$@\"\n");
        assertTrue(file.toFile().setExecutable(true));
    }

    @AfterEach
    void removeWhatIsLeft() throws Exception {
        if (login != null) {
            login.close();
        }
        if (!ours.isEmpty()) {
            shell("kubectl delete namespace --ignore-not-found --timeout=3m " + String.join(" ", ours));
            shell("kubectl delete priorityclass loupe-training --ignore-not-found");
        }
    }

    @Test
    void thePageIsFollowedWordByWord() throws Exception {
        List<Block> page = blocks();
        Set<String> followed = new TreeSet<>();
        for (Block block : page) {
            switch (block.language()) {
                case "sh" -> {
                    System.out.println("== " + block.heading() + "\n" + block.text());
                    shell(block.text());
                    followed.add(block.heading());
                }
                case "sql" -> {
                    startWhatTheReaderHas();
                    asAdministrator(block.text());
                }
                case "yaml" -> useValues(block);
                default -> {
                    assertEquals("text", block.language());
                    if (block.heading().equals(LoginOfThePage.HEADING) && login != null) {
                        System.out.println("== " + block.heading() + "\n" + block.text());
                        login.follow(block.text(), this::shell);
                        followed.add(block.heading());
                    }
                }
            }
            if (block.heading().equals("Use it")) {
                assertEquals(Set.of("dataset", "inference", "training"), schemasOfLoupe());
            }
        }

        Set<String> sections = new TreeSet<>(List.of(
                "A look",
                "Bring the images",
                "GPUs",
                "Secrets",
                "The namespace",
                "Uninstall",
                "Upgrade and rollback",
                "Use it",
                "Values"));
        if (login != null) {
            sections.add(LoginOfThePage.HEADING);
        }
        assertEquals(sections, followed);
        await().atMost(Duration.ofMinutes(3)) // pods drain
                .until(() -> shell("kubectl --namespace loupe get deployments,services,jobs,pods --output name")
                        .isBlank());
        assertEquals(Set.of("dataset", "inference", "training"), schemasOfLoupe(), "the reader's data stay");
    }

    /** The values of the installation are written down; others are rendered together with them. */
    private void useValues(Block block) throws Exception {
        if (block.text().startsWith("# my-values.yaml\n")) {
            Files.writeString(folder.resolve("my-values.yaml"), block.text());
            return;
        }
        if (block.heading().equals(LoginOfThePage.HEADING) && login != null) {
            login.useValues(block.text());
        }
        Files.writeString(folder.resolve("more.yaml"), block.text());
        String expected =
                switch (block.text().lines().findFirst().orElseThrow()) {
                    case "# oidc-values.yaml" -> "name: LOUPE_AUTH_OIDC_ISSUER";
                    case "gateway:" -> "kind: GRPCRoute";
                    case "networkPolicy:" -> "kind: NetworkPolicy";
                    default -> "kind: Ingress";
                };
        String rendered = shell(
                "helm template loupe " + CHART + " --kube-version 1.34.0 --values my-values.yaml --values more.yaml");
        assertTrue(rendered.contains(expected), block.heading() + ": " + rendered);
    }

    private void startWhatTheReaderHas() throws Exception {
        for (OutsideServer server : List.of(
                new OutsideServer("databases", "postgres", 5432),
                new OutsideServer("messaging", "kafka", 9092),
                new OutsideServer("storage", "minio", 9000))) {
            Files.writeString(folder.resolve("outside.yaml"), server.manifest());
            shell("kubectl create namespace %1$s && kubectl --namespace %1$s apply -f outside.yaml"
                    .formatted(server.namespace()));
            shell("kubectl --namespace %s rollout status deployment/%s --timeout=5m"
                    .formatted(server.namespace(), server.name()));
        }
    }

    private void asAdministrator(String sql) throws Exception {
        try (Connection connection = database("postgres", "postgres", STORAGE_SECRET);
                Statement statement = connection.createStatement()) {
            for (String line : sql.strip().split(";\\s*")) {
                statement.execute(line);
            }
        }
    }

    private Set<String> schemasOfLoupe() throws Exception {
        Set<String> schemas = new TreeSet<>();
        try (Connection connection = database("loupe", "postgres", STORAGE_SECRET);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT schema_name FROM information_schema.schemata WHERE schema_owner = 'loupe_' || schema_name")) {
            while (rows.next()) {
                schemas.add(rows.getString(1));
            }
        }
        return schemas;
    }

    private Connection database(String name, String user, String password) throws Exception {
        String address = shell(
                        "kubectl --namespace databases get pods -l app=postgres -o jsonpath={.items[0].status.podIP}")
                .strip();
        return DriverManager.getConnection("jdbc:postgresql://" + address + ":5432/" + name, user, password);
    }

    static String kubeconfig() {
        return environment("LOUPE_KUBECONFIG").orElseGet(() -> System.getenv("KUBECONFIG"));
    }

    private String shell(String commands) throws Exception {
        return shell(commands, Map.of());
    }

    /** Runs a block that must succeed, and returns its output; then stops its background processes. */
    private String shell(String commands, Map<String, String> more) throws Exception {
        Path output = Files.createTempFile(folder, "output", ".txt");
        ProcessBuilder builder = new ProcessBuilder(
                        "bash", "-euc", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + commands)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> variables = builder.environment();
        variables.put("KUBECONFIG", kubeconfig());
        variables.putAll(more);
        variables.put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
        variables.put("CLASSPATH", System.getProperty("java.class.path"));
        variables.put("LOUPE_IMAGE_BASE", "offline");
        for (String service : SERVICES) {
            variables.put(
                    service.toUpperCase(Locale.ROOT) + "_PASSWORD", "change-me-" + (SERVICES.indexOf(service) + 1));
        }
        variables.put("STORAGE_SECRET_KEY", STORAGE_SECRET);
        Process process = builder.start();
        if (!process.waitFor(12, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(commands + " did not end:\n" + Files.readString(output));
        }
        String said = Files.readString(output, StandardCharsets.UTF_8);
        assertEquals(0, process.exitValue(), () -> commands + "\n" + said);
        return said;
    }

    private static List<Block> blocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(Files.readString(PAGE));
        String heading = "";
        while (matcher.find()) {
            if (matcher.group(1) != null) {
                heading = matcher.group(1);
            } else {
                blocks.add(new Block(heading, matcher.group(2), matcher.group(3)));
            }
        }
        assertTrue(Stream.of("sh", "sql", "yaml", "text").allMatch(language -> blocks.stream()
                .anyMatch(block -> block.language().equals(language))));
        return blocks;
    }

    /** A devstack in place of a server of the reader. */
    private record OutsideServer(String namespace, String name, int port) {
        private static final String MANIFEST = """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: NAME}
                spec:
                  selector: {matchLabels: {app: NAME}}
                  template:
                    metadata: {labels: {app: NAME}}
                    spec:
                      securityContext: {runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532}
                      containers:
                        - name: server
                          image: loupe/devstack:0.1.0-mine
                          args: [--data, /data, --parts, PART, "--PART-port", "PORT",
                                 --listen, 0.0.0.0, --advertise, NAME.NAMESPACE.svc]
                          env: [{name: LOUPE_DEVSTACK_SECRET, value: PASSWORD}]
                          readinessProbe: {tcpSocket: {port: PORT}, periodSeconds: 2}
                          resources: {limits: {memory: 1Gi}, requests: {cpu: 20m, memory: 200Mi}}
                          volumeMounts: [{name: data, mountPath: /data}, {name: tmp, mountPath: /tmp}]
                      volumes: [{name: data, emptyDir: {}}, {name: tmp, emptyDir: {}}]
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: NAME}
                spec:
                  selector: {app: NAME}
                  ports: [{name: server, port: PORT}]
                """;

        String manifest() {
            return MANIFEST.replace("NAMESPACE", namespace)
                    .replace("NAME", name)
                    .replace("PART", name.equals("minio") ? "s3" : name)
                    .replace("PORT", Integer.toString(port))
                    .replace("PASSWORD", STORAGE_SECRET);
        }
    }
}
