package dev.loupe.training.launch;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Configuration of trainers that run as Kubernetes Jobs. What their pods look like (image, resources, tolerations,
 * volumes and all the rest) is a PodTemplate in the cluster, which the Helm chart creates.
 */
@ConfigMapping(prefix = "loupe.training.kubernetes")
interface KubernetesConfig {
    /** Namespace of the Jobs and of the PodTemplate; absent: the namespace of the service's own account. */
    Optional<String> namespace();

    /**
     * Name of the PodTemplate of trainers. It is read for each launch. Jobs, pods and Secrets of this service have it as
     * the label {@code loupe.dev/pod-template}.
     */
    @WithDefault("loupe-trainer")
    String podTemplate();

    /** Name of the resource with which nodes offer GPUs. */
    @WithDefault("nvidia.com/gpu")
    String gpuResource();

    /** Number of GPUs of a trainer, if the run does not ask for another. */
    @WithDefault("0")
    int gpuCount();

    /** Most GPUs that a run may ask for. */
    @WithDefault("1")
    int gpuMaximum();

    /** Most CPU that a run may ask for. */
    @WithDefault("16")
    String maximumCpu();

    /** Most memory that a run may ask for. */
    @WithDefault("64Gi")
    String maximumMemory();

    /** Name of Kueue's LocalQueue; present: Jobs are created suspended, and Kueue starts them. */
    Optional<String> queue();

    /**
     * PriorityClasses by the priority of the run, so that the cluster and Kueue can preempt trainers for more important
     * ones. Of those that begin at or below it, the highest one applies. None: all have that of the PodTemplate.
     */
    List<PriorityRange> priorityClasses();

    /** PriorityClasses of the runs from a priority on. */
    interface PriorityRange {
        /** Lowest priority of a run, -100..100. */
        int from();

        /** Name of the PriorityClass of the trainer's pod. */
        Optional<String> pods();

        /** Name of Kueue's WorkloadPriorityClass of the Job. */
        Optional<String> workloads();
    }

    /** Longest time of an attempt. */
    @WithDefault("24h")
    Duration activeDeadline();

    /** How long a finished Job is kept. */
    @WithDefault("1h")
    Duration ttlAfterFinished();

    /** Time in which a trainer whose attempt is over may learn that and end by itself, with a complete log. */
    @WithDefault("15s")
    Duration stopGrace();
}
