package dev.loupe.inference.registry;

import jakarta.enterprise.context.ApplicationScoped;

/** Checks that a version can become the candidate of an alias. */
@ApplicationScoped
public class CandidateReadiness {
    private final ModelLookup lookup;
    private final Replica replica;

    CandidateReadiness(ModelLookup lookup, Replica replica) {
        this.lookup = lookup;
        this.replica = replica;
    }

    /**
     * Returns the model of a project after its version was loaded.
     *
     * @param project its name or id
     * @throws dev.loupe.service.error.ServiceException {@code ALIAS_INVALID}, {@code MODEL_NOT_FOUND},
     *     {@code MODEL_VERSION_NOT_FOUND}, {@code MODEL_NOT_READY}
     */
    public Model require(String project, String alias, int candidate) {
        Alias.requireName(alias);
        Model model = lookup.require(project);
        lookup.requireVersion(model, candidate);
        replica.requireReady(model.projectId(), candidate);
        return model;
    }
}
