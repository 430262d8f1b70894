package dev.loupe.training.launch;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Trainers as Kubernetes Jobs. Labels, annotations, tolerations and the like are JSON, in Kubernetes' own form; the chart
 * writes them.
 */
@ConfigMapping(prefix = "loupe.training.kubernetes")
interface KubernetesConfig {
    /** Namespace of the Jobs; absent: the one of the service's own account. */
    Optional<String> namespace();

    /** Image of the trainer. Must be set for {@code loupe.training.launcher=kubernetes}. */
    Optional<String> image();

    /** When the image is pulled: {@code IfNotPresent}, {@code Always}, {@code Never}. */
    @WithDefault("IfNotPresent")
    String imagePullPolicy();

    /** Names of the Secrets by which the image is pulled. */
    Optional<List<String>> imagePullSecrets();

    /** What the image's program is given; the spec lies at {@code /etc/loupe/spec.json}. */
    @WithDefault("/etc/loupe/spec.json")
    List<String> arguments();

    /** ServiceAccount of the pods; they get no token of it. */
    Optional<String> serviceAccount();

    /** Labels of Jobs, pods and Secrets; by these, and the run's own, they are found again. */
    @WithDefault("{\"app.kubernetes.io/name\": \"loupe\", \"app.kubernetes.io/component\": \"trainer\"}")
    String labels();

    /** Annotations of the pods. */
    Optional<String> annotations();

    /** Resource by which nodes offer GPUs. */
    @WithDefault("nvidia.com/gpu")
    String gpuResource();

    /** GPUs of a trainer. */
    @WithDefault("0")
    int gpuCount();

    /** Most GPUs that a run may ask for. */
    @WithDefault("1")
    int gpuMaximum();

    /** What a trainer asks for and may use besides GPUs: a container's {@code resources}. */
    @WithDefault(
            "{\"requests\": {\"cpu\": \"1\", \"memory\": \"2Gi\"}, \"limits\": {\"cpu\": \"4\", \"memory\": \"8Gi\"}}")
    String resources();

    /** Most CPU that a run may ask for. */
    @WithDefault("16")
    String maximumCpu();

    /** Most memory that a run may ask for. */
    @WithDefault("64Gi")
    String maximumMemory();

    /** Size of the scratch folder, the only one that can be written to. */
    @WithDefault("20Gi")
    String scratchSize();

    /** Size of {@code /dev/shm}. */
    @WithDefault("1Gi")
    String sharedMemorySize();

    /** Labels that a node must have. */
    Optional<String> nodeSelector();

    /** Taints of nodes that do not matter. */
    Optional<String> tolerations();

    /** RuntimeClass of the pods. */
    Optional<String> runtimeClass();

    /** PriorityClass of the pods. */
    Optional<String> priorityClass();

    /** Kueue's LocalQueue; present: Jobs are made suspended, and Kueue starts them. */
    Optional<String> queue();

    /** Longest time of an attempt. */
    @WithDefault("24h")
    Duration activeDeadline();

    /** How long a finished Job is kept. */
    @WithDefault("1h")
    Duration ttlAfterFinished();

    /** From being asked to end to being killed: long enough for a checkpoint. */
    @WithDefault("60s")
    Duration terminationGracePeriod();

    /** How long a trainer whose attempt is over may take to hear of it and end by itself, its log complete. */
    @WithDefault("15s")
    Duration stopGrace();

    /** Further environment variables. */
    Optional<String> environment();

    /** Further volumes, such as the certificates of a private authority. */
    Optional<String> volumes();

    /** Where they are mounted. */
    Optional<String> volumeMounts();
}
