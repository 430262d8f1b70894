package dev.loupe.tests.cluster;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** The process of a pod's container, where the node is this machine. */
record ContainerProcess(String pod, ProcessHandle process) {

    static ContainerProcess of(Pod pod) {
        String id = pod.getStatus()
                .getContainerStatuses()
                .getFirst()
                .getContainerID()
                .replaceFirst(".*//", "");
        Optional<ProcessHandle> found = ProcessHandle.allProcesses()
                .filter(process -> isOf(process, id))
                .findFirst();
        Assumptions.assumeTrue(found.isPresent(), "skipped: the cluster's containers are no processes of this machine");
        return new ContainerProcess(pod.getMetadata().getName(), found.get());
    }

    private static boolean isOf(ProcessHandle process, String container) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cgroup"))
                    .contains(container);
        } catch (IOException ended) {
            return false;
        }
    }

    /** As {@code kill -9} does. */
    void kill() {
        process.destroyForcibly();
        await("end of " + pod).atMost(Duration.ofMinutes(2)).until(() -> !process.isAlive());
    }
}
