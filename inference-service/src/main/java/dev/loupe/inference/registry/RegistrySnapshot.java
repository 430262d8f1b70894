package dev.loupe.inference.registry;

import java.util.List;

/** All models with their versions and aliases, as the database had them at one moment. */
public record RegistrySnapshot(List<Entry> models) {

    /**
     * One model.
     *
     * @param formerNames that it answers to as well; absent in files of older releases
     */
    public record Entry(Model model, List<String> formerNames, List<ModelVersion> versions, List<Alias> aliases) {
        public Entry {
            formerNames = formerNames == null ? List.of() : List.copyOf(formerNames);
            versions = List.copyOf(versions);
            aliases = List.copyOf(aliases);
        }
    }

    public RegistrySnapshot {
        models = List.copyOf(models);
    }

    /** Nothing is known. */
    public static RegistrySnapshot empty() {
        return new RegistrySnapshot(List.of());
    }
}
