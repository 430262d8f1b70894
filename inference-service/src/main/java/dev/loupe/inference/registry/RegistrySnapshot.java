package dev.loupe.inference.registry;

import java.util.List;
import java.util.Set;

/** All models with their versions and aliases, as stored in the database at one moment. */
public record RegistrySnapshot(List<Entry> models) {

    /**
     * One model.
     *
     * @param formerNames earlier names, which the model can still be requested by; absent in files of older releases
     * @param thresholds current thresholds of the versions that have another than that of their package; absent in files
     *     of older releases
     * @param pinned numbers of the versions that stay in memory; absent in files of older releases
     * @param canaries last change of the candidate of each alias that has had one; absent in files of older releases
     */
    public record Entry(
            Model model,
            List<String> formerNames,
            List<ModelVersion> versions,
            List<Alias> aliases,
            List<CurrentThreshold> thresholds,
            List<Canary> canaries,
            Set<Integer> pinned) {
        public Entry {
            formerNames = formerNames == null ? List.of() : List.copyOf(formerNames);
            versions = List.copyOf(versions);
            aliases = List.copyOf(aliases);
            thresholds = thresholds == null ? List.of() : List.copyOf(thresholds);
            canaries = canaries == null ? List.of() : List.copyOf(canaries);
            pinned = pinned == null ? Set.of() : Set.copyOf(pinned);
        }
    }

    public RegistrySnapshot {
        models = List.copyOf(models);
    }

    /** A snapshot without models. */
    public static RegistrySnapshot empty() {
        return new RegistrySnapshot(List.of());
    }
}
