package dev.loupe.dataset.access;

import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.dataset.token.Tokens;
import dev.loupe.service.access.ApiToken;
import dev.loupe.service.access.ProjectLookup;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.UUID;

/** Finds what projects, API tokens and tenants belong to, for the access rules of this service. */
@ApplicationScoped
class DatasetLookup implements ProjectLookup {
    private static final String TOKEN = "token";
    private static final String TENANT = "tenant";

    private final Projects projects;
    private final Tokens tokens;

    DatasetLookup(Projects projects, Tokens tokens) {
        this.projects = projects;
        this.tokens = tokens;
    }

    @Override
    public Owner ownerOf(String kind, String id) {
        return switch (kind) {
            case TENANT -> new Owner(Tenant.require(id), null);
            case TOKEN -> {
                ApiToken token = tokens.require(id);
                yield new Owner(token.tenant(), token.onlyProject());
            }
            default -> {
                Project project = projects.require(id);
                yield Owner.of(project.id(), project.name());
            }
        };
    }

    @Override
    public Set<UUID> projectsOf(String tenant) {
        return projects.ofTenant(tenant);
    }

    @Override
    public ServiceException notFound(String kind, String id) {
        return switch (kind) {
            case TENANT -> Tenant.notFound(id);
            case TOKEN -> Tokens.notFound(id);
            default -> Projects.notFound(id);
        };
    }
}
