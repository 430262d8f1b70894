package dev.loupe.training.launch;

/**
 * What a run asks for, in place of the default of trainers. What is null is the default.
 *
 * @param gpus how many
 * @param cpu cores, as Kubernetes writes them: {@code 4}, {@code 500m}
 * @param memory as Kubernetes writes it: {@code 16Gi}
 */
public record TrainerResources(Integer gpus, String cpu, String memory) {
    /** The default of all. */
    public static final TrainerResources DEFAULT = new TrainerResources(null, null, null);
}
