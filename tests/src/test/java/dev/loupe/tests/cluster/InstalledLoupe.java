package dev.loupe.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.command.Loupe;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.RunRequest;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.images.cluster.Cluster;
import dev.loupe.images.cluster.PortForwards;
import dev.loupe.images.cluster.Tool;
import dev.loupe.tests.path.DrawnSurface;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The chart's demo profile on a real cluster, installed once for all tests of this package, with a project that has a
 * model in production. The namespace is removed at the end.
 */
final class InstalledLoupe implements BeforeAllCallback, AutoCloseable {
    static final String NAMESPACE = "loupe-cluster-test";
    static final String RELEASE = "loupe";
    static final String PROJECT = "drawn-classes";
    /** Alias of version 2. */
    static final String SECOND = "second";
    /** Taint that all pods of Loupe except trainers tolerate. */
    static final String FAULT = "loupe.dev/fault";

    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    /** Differs from the default tag, so that other images in the cluster are not replaced. */
    private static final String TAG = environment("LOUPE_TEST_TAG").orElse("cluster-test");

    /** Keeps the installation for the next run of the tests; for development. */
    private static final boolean KEEP = environment("LOUPE_TEST_KEEP").isPresent();

    private static final List<String> IMAGES = List.of(
            "dataset-service", "training-service", "inference-service", "console", "trainer", "devstack", "cli");

    private static Cluster cluster;
    private static KubernetesClient client;
    private static PortForwards forwards;
    private static Connection loupe;

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        Optional<String> kubeconfig = environment("LOUPE_KUBECONFIG").or(() -> environment("KUBECONFIG"));
        Assumptions.assumeTrue(
                kubeconfig.isPresent(), "skipped: neither LOUPE_KUBECONFIG nor KUBECONFIG names a cluster");
        Assumptions.assumeTrue(
                environment("LOUPE_IMAGE_LOAD").isPresent(),
                "skipped: LOUPE_IMAGE_LOAD does not say how images get into the cluster");
        if (client != null) {
            return;
        }
        System.setProperty("loupe.home", HOME.toString());
        client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(new File(kubeconfig.get())))
                .build();
        cluster = new Cluster(tool("kubectl", kubeconfig.get()), tool("helm", kubeconfig.get()), NAMESPACE);
        context.getRoot().getStore(ExtensionContext.Namespace.GLOBAL).put(InstalledLoupe.class, this);
        if (KEEP && client.namespaces().withName(NAMESPACE).get() != null) {
            return;
        }
        loadImages(TAG);
        cluster.createNamespace();
        install();
        trainAndPromote();
    }

    /** Script that runs the program with this cluster's kubeconfig. */
    private static Tool tool(String program, String kubeconfig) throws IOException {
        String path = environment("LOUPE_" + program.toUpperCase(Locale.ROOT)).orElse(program);
        Path script = Files.createTempFile(program, ".sh");
        Files.writeString(script, "#!/bin/sh\nKUBECONFIG='" + kubeconfig + "' exec '" + path + "' \"$@\"\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return new Tool(script.toString(), "");
    }

    /** Builds all or some images with this tag, and loads them into the cluster. */
    static void loadImages(String tag, String... images) {
        Path folder = HOME.resolve("target/images");
        List<String> arguments = new ArrayList<>(List.of(
                "container-images", "--base", "offline", "--tag", tag, "--no-start-cache", "--to", folder.toString()));
        arguments.addAll(List.of(images));
        assertEquals(0, Loupe.run(arguments.toArray(String[]::new)));
        Stream<String> labels = images.length > 0 ? Stream.of(images) : IMAGES.stream();
        List<String> load =
                new ArrayList<>(List.of("-c", environment("LOUPE_IMAGE_LOAD").orElseThrow() + " \"$@\"", "load"));
        labels.map(label -> folder.resolve(label + ".tar").toString()).forEach(load::add);
        new Tool("/bin/sh", "").run("", load.toArray(String[]::new));
    }

    /** Installs or upgrades the release, and waits until all pods are ready. */
    static void install(String... further) {
        Path chart = HOME.resolve("helm/loupe");
        List<String> arguments = new ArrayList<>(List.of("upgrade", "--install", RELEASE, chart.toString()));
        arguments.addAll(List.of("--namespace", NAMESPACE, "--wait", "--timeout", "5m"));
        arguments.addAll(List.of("--values", chart.resolve("values-demo.yaml").toString()));
        arguments.addAll(List.of("--values", "src/test/resources/cluster-values.yaml"));
        Stream.concat(Stream.of("image.tag=" + TAG), Stream.of(further))
                .forEach(value -> arguments.addAll(List.of("--set", value)));
        cluster.helm().run("", arguments.toArray(String[]::new));
        // Waits until the pods of the previous installation are gone.
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> client
                        .pods()
                        .inNamespace(NAMESPACE)
                        .withLabel("app.kubernetes.io/managed-by", "Helm")
                        .list()
                        .getItems()
                        .stream()
                        .allMatch(pod -> pod.getMetadata().getDeletionTimestamp() == null));
    }

    /** Trains versions 1 and 2 of a small classifier; {@code production} names version 1, {@link #SECOND} version 2. */
    private static void trainAndPromote() throws IOException {
        Connection connection = loupe();
        connection.datasets().createProject(PROJECT, Task.CLASSIFICATION, null);
        connection.datasets().importImages(PROJECT, DrawnSurface.classesZip(Files.createTempDirectory("classes"), 40));
        connection.datasets().freeze(PROJECT, 1L, null);
        for (long seed = 1; seed <= 2; seed++) {
            String run = train(1, seed);
            JsonNode ended = connection.training().follow(run, _ -> {});
            assertEquals("SUCCEEDED", ended.path("state").asText(), ended.toPrettyString());
            connection.models().awaitReady(PROJECT, run);
        }
        connection.models().promote(PROJECT, "production", 1, true, "the first");
        connection.models().promote(PROJECT, SECOND, 2, true, "the second");
    }

    /** Starts a run that registers a version; every epoch writes a checkpoint. */
    static String train(int epochs, long seed) {
        return train(64, epochs, seed);
    }

    /** Starts a run with large images, whose epochs take some seconds. */
    static String trainSlowly(int epochs, long seed) {
        return train(160, epochs, seed);
    }

    private static String train(int imageSize, int epochs, long seed) {
        Recipe recipe = new Recipe("scratch", Map.of("imageSize", imageSize, "epochs", epochs, "batchSize", 16));
        return loupe().training()
                .start(RunRequest.of(PROJECT, recipe, seed, true))
                .path("id")
                .asText();
    }

    /** Running pods of a component. */
    static List<Pod> replicasOf(String component) {
        return client
                .pods()
                .inNamespace(NAMESPACE)
                .withLabel("app.kubernetes.io/component", component)
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .filter(pod -> "Running".equals(pod.getStatus().getPhase()))
                .toList();
    }

    /** Scales a component, and waits until exactly these replicas are ready. */
    static void scale(String component, int replicas) {
        client.apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .withName(RELEASE + "-" + component)
                .scale(replicas);
        Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> {
            List<Pod> pods = replicasOf(component);
            return pods.size() == replicas && pods.stream().allMatch(Readiness::isPodReady);
        });
    }

    static KubernetesClient client() {
        return client;
    }

    static Cluster cluster() {
        return cluster;
    }

    static String image(String name) {
        return "loupe/" + name + ":" + TAG;
    }

    static synchronized Connection loupe() {
        if (loupe == null) {
            forwards = cluster.forward();
            loupe = new Connection(forwards.endpoints());
        }
        return loupe;
    }

    /** Opens new port forwards: the old ones ended with their pods. */
    static synchronized Connection reconnect() {
        if (loupe != null) {
            loupe.close();
            forwards.close();
            loupe = null;
        }
        return loupe();
    }

    @Override
    public void close() {
        if (loupe != null) {
            loupe.close();
            forwards.close();
        }
        if (!KEEP) {
            cluster.remove();
        }
        client.close();
    }

    private static Optional<String> environment(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }
}
