package dev.loupe.training.launch;

/**
 * What a run asks for, in place of what trainers usually get. What is null is as usual.
 *
 * @param gpus how many
 * @param cpu cores, as Kubernetes writes them: {@code 4}, {@code 500m}
 * @param memory as Kubernetes writes it: {@code 16Gi}
 */
public record TrainerResources(Integer gpus, String cpu, String memory) {
    /** As usual. */
    public static final TrainerResources USUAL = new TrainerResources(null, null, null);
}
