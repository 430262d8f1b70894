package dev.loupe.inference.access;

import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelLookup;
import dev.loupe.inference.runtime.VersionMemory;
import dev.loupe.service.access.ProjectLookup;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.UUID;

/**
 * Finds the projects of models for the access rules of this service: {@code project} in the database, {@code model} in
 * the memory of this replica.
 */
@ApplicationScoped
class ModelProjectLookup implements ProjectLookup {
    private static final String IN_DATABASE = "project";

    private final ModelLookup models;
    private final VersionMemory versions;

    ModelProjectLookup(ModelLookup models, VersionMemory versions) {
        this.models = models;
        this.versions = versions;
    }

    @Override
    public Owner ownerOf(String kind, String id) {
        Model model = kind.equals(IN_DATABASE) ? models.require(id) : versions.model(id);
        return Owner.of(model.projectId(), model.name());
    }

    @Override
    public Set<UUID> projectsOf(String tenant) {
        return models.projectsOf(tenant);
    }

    @Override
    public ServiceException notFound(String kind, String id) {
        return kind.equals(IN_DATABASE) ? ModelLookup.unknown(id) : VersionMemory.unknown(id);
    }
}
