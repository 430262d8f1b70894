package dev.loupe.training.launch;

/**
 * Resources that a run asks for instead of the trainers' defaults. Null means the default.
 *
 * @param gpus number of GPUs
 * @param cpu cores, as a Kubernetes quantity: {@code 4}, {@code 500m}
 * @param memory memory, as a Kubernetes quantity: {@code 16Gi}
 */
public record TrainerResources(Integer gpus, String cpu, String memory) {
    /** The default of each resource. */
    public static final TrainerResources DEFAULT = new TrainerResources(null, null, null);
}
