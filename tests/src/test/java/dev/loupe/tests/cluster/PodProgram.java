package dev.loupe.tests.cluster;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.PodResource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** Runs a program of these tests in a pod, with the Java runtime and the libraries of the cli image. */
record PodProgram(KubernetesClient client, String namespace, String name) implements AutoCloseable {
    private static final String FOLDER = "/test";
    private static final Set<String> OVER = Set.of("Succeeded", "Failed");

    /**
     * @param labels of the pod
     * @param files that it finds in {@link #FOLDER}
     */
    static PodProgram start(
            String namespace,
            String name,
            Map<String, String> labels,
            Map<String, byte[]> files,
            Class<?> main,
            String... arguments) {
        PodProgram program = new PodProgram(InstalledLoupe.client(), namespace, name);
        program.prepare(files);
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                "read -r libraries < /app/classpath; exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx64m -cp "
                        + FOLDER + "/test.jar:$libraries \"$@\"",
                "java",
                main.getName()));
        command.addAll(List.of(arguments));
        program.client
                .pods()
                .inNamespace(namespace)
                .resource(program.pod(labels, command))
                .create();
        return program;
    }

    private void prepare(Map<String, byte[]> files) {
        Map<String, String> all = new TreeMap<>();
        files.forEach((file, content) -> all.put(file, Base64.getEncoder().encodeToString(content)));
        all.put("test.jar", Base64.getEncoder().encodeToString(ourClasses()));
        client.configMaps()
                .inNamespace(namespace)
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withBinaryData(all)
                        .build())
                .create();
    }

    private Pod pod(Map<String, String> labels, List<String> command) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withAutomountServiceAccountToken(false)
                .withTerminationGracePeriodSeconds(1L)
                // Never ready: a Service that selects its labels sends it no traffic.
                .addNewReadinessGate("loupe.dev/never")
                .addNewToleration("NoExecute", InstalledLoupe.FAULT, "Exists", null, null)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(65532L)
                .withNewSeccompProfile(null, "RuntimeDefault")
                .endSecurityContext()
                .addNewContainer()
                .withName("program")
                .withImage(InstalledLoupe.image("cli"))
                .withCommand(command)
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .addNewVolumeMount()
                .withName("test")
                .withMountPath(FOLDER)
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("tmp")
                .withMountPath("/tmp")
                .endVolumeMount()
                .endContainer()
                .addNewVolume()
                .withName("test")
                .withNewConfigMap()
                .withName(name)
                .endConfigMap()
                .endVolume()
                .addNewVolume()
                .withName("tmp")
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .endSpec()
                .build();
    }

    /** The compiled classes of this package. */
    private static byte[] ourClasses() {
        try {
            Path root = Path.of(PodProgram.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Path folder = root.resolve(PodProgram.class.getPackageName().replace('.', '/'));
            ByteArrayOutputStream jar = new ByteArrayOutputStream();
            try (JarOutputStream out = new JarOutputStream(jar);
                    Stream<Path> classes = Files.list(folder)) {
                for (Path file : classes.toList()) {
                    out.putNextEntry(new ZipEntry(root.relativize(file).toString()));
                    Files.copy(file, out);
                    out.closeEntry();
                }
            }
            return jar.toByteArray();
        } catch (IOException | URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private PodResource resource() {
        return client.pods().inNamespace(namespace).withName(name);
    }

    /** Output so far. */
    String said() {
        return resource().getLog();
    }

    void awaitWord(String word) {
        await(name + " says " + word)
                .atMost(Duration.ofMinutes(2))
                .ignoreExceptions() // the container has not started
                .until(() -> said().contains(word));
    }

    /** Waits for the end of the program, and returns its output. */
    String awaitEnd() {
        await(name + " ends")
                .atMost(Duration.ofMinutes(2))
                .until(() -> OVER.contains(resource().get().getStatus().getPhase()));
        return said();
    }

    @Override
    public void close() {
        resource().delete();
        client.configMaps().inNamespace(namespace).withName(name).delete();
    }
}
