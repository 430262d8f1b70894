package dev.loupe.training.launch;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Configuration of trainers that run as Kubernetes Jobs. Labels, annotations, tolerations and the like are JSON, in the
 * form of the Kubernetes API; the Helm chart writes them.
 */
@ConfigMapping(prefix = "loupe.training.kubernetes")
interface KubernetesConfig {
    /** Namespace of the Jobs; absent: the namespace of the service's own account. */
    Optional<String> namespace();

    /** Container image of the trainer. Must be set for {@code loupe.training.launcher=kubernetes}. */
    Optional<String> image();

    /** When the container image is pulled: {@code IfNotPresent}, {@code Always}, {@code Never}. */
    @WithDefault("IfNotPresent")
    String imagePullPolicy();

    /** Names of the Secrets for pulling the container image. */
    Optional<List<String>> imagePullSecrets();

    /** Arguments of the container; the spec is mounted at {@code /etc/loupe/spec.json}. */
    @WithDefault("/etc/loupe/spec.json")
    List<String> arguments();

    /** ServiceAccount of the pods; its token is not mounted. */
    Optional<String> serviceAccount();

    /** Labels of Jobs, pods and Secrets. The service selects its objects by these and by the run's own labels. */
    @WithDefault("{\"app.kubernetes.io/name\": \"loupe\", \"app.kubernetes.io/component\": \"trainer\"}")
    String labels();

    /** Annotations of the pods. */
    Optional<String> annotations();

    /** Name of the resource with which nodes offer GPUs. */
    @WithDefault("nvidia.com/gpu")
    String gpuResource();

    /** Number of GPUs of a trainer, if the run does not ask for another. */
    @WithDefault("0")
    int gpuCount();

    /** Most GPUs that a run may ask for. */
    @WithDefault("1")
    int gpuMaximum();

    /** Resource requests and limits of a trainer, without GPUs: a container's {@code resources}. */
    @WithDefault(
            "{\"requests\": {\"cpu\": \"1\", \"memory\": \"2Gi\"}, \"limits\": {\"cpu\": \"4\", \"memory\": \"8Gi\"}}")
    String resources();

    /** Most CPU that a run may ask for. */
    @WithDefault("16")
    String maximumCpu();

    /** Most memory that a run may ask for. */
    @WithDefault("64Gi")
    String maximumMemory();

    /** Size of the scratch folder, the only folder that the trainer can write to. */
    @WithDefault("20Gi")
    String scratchSize();

    /** Size of {@code /dev/shm}. */
    @WithDefault("1Gi")
    String sharedMemorySize();

    /** Labels that a node must have. */
    Optional<String> nodeSelector();

    /** Tolerations of the pods. */
    Optional<String> tolerations();

    /** RuntimeClass of the pods. */
    Optional<String> runtimeClass();

    /** PriorityClass of the pods. */
    Optional<String> priorityClass();

    /** Name of Kueue's LocalQueue; present: Jobs are created suspended, and Kueue starts them. */
    Optional<String> queue();

    /** Longest time of an attempt. */
    @WithDefault("24h")
    Duration activeDeadline();

    /** How long a finished Job is kept. */
    @WithDefault("1h")
    Duration ttlAfterFinished();

    /** Time between the request to end and the kill; must be long enough to write a checkpoint. */
    @WithDefault("60s")
    Duration terminationGracePeriod();

    /** Time in which a trainer whose attempt is over may learn that and end by itself, with a complete log. */
    @WithDefault("15s")
    Duration stopGrace();

    /** Further environment variables. */
    Optional<String> environment();

    /** Further volumes, such as the certificates of a private certificate authority. */
    Optional<String> volumes();

    /** Mounts of the further volumes. */
    Optional<String> volumeMounts();
}
