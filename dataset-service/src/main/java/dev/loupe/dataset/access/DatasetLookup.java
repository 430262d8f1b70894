package dev.loupe.dataset.access;

import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.dataset.token.Tokens;
import dev.loupe.service.access.ApiToken;
import dev.loupe.service.access.ProjectLookup;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
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
    public Owner ownerOf(String kind, String id) {
        if (kind.equals(TOKEN)) {
            ApiToken token = tokens.require(id);
            return new Owner(token.tenant(), token.onlyProject());
        }
        Project project = projects.require(id);
        return Owner.of(project.id(), project.name());
    }

    @Override
    public Set<UUID> projectsOf(String tenant) {
        return projects.ofTenant(tenant);
    }

    @Override
    public ServiceException notFound(String kind, String id) {
        return kind.equals(TOKEN) ? Tokens.notFound(id) : Projects.notFound(id);
    }
}
