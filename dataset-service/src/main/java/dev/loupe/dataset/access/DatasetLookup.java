package dev.loupe.dataset.access;

import dev.loupe.dataset.project.Projects;
import dev.loupe.dataset.token.Tokens;
import dev.loupe.service.access.ProjectLookup;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;

/** Finds the projects of projects and API tokens for the access rules of this service. */
@ApplicationScoped
class DatasetLookup implements ProjectLookup {
    private static final String TOKEN = "token";

    private final Projects projects;
    private final Tokens tokens;

    DatasetLookup(Projects projects, Tokens tokens) {
        this.projects = projects;
        this.tokens = tokens;
    }

    @Override
    public Optional<UUID> projectOf(String kind, String id) {
        return kind.equals(TOKEN)
                ? Optional.ofNullable(tokens.require(id).projectId())
                : Optional.of(projects.require(id).id());
    }

    @Override
    public ServiceException notFound(String kind, String id) {
        return kind.equals(TOKEN) ? Tokens.notFound(id) : Projects.notFound(id);
    }
}
