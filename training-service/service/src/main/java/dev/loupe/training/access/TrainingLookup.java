package dev.loupe.training.access;

import dev.loupe.service.access.ProjectLookup;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.imported.ImportedModels;
import dev.loupe.training.run.Runs;
import dev.loupe.training.search.Searches;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** Finds what runs, searches, imported models and tenants belong to, for the access rules of this service. */
@ApplicationScoped
class TrainingLookup implements ProjectLookup {
    private static final String OF_RUN = """
            select d.project_id as project, d.project_name as name
            from run r join dataset_version d on d.id = r.dataset_version_id where r.id = :id""";
    private static final String OF_SEARCH = """
            select d.project_id as project, d.project_name as name
            from search s join dataset_version d on d.id = s.dataset_version_id where s.id = :id""";
    private static final String OF_IMPORTED_MODEL = """
            select i.project_id as project, d.project_name as name
            from imported_model i join dataset_version d using (project_id) where i.id = :id limit 1""";
    private static final String OF_TENANT = "select distinct project_id from dataset_version where %s = :tenant"
            .formatted(Tenant.ofProjectSql("project_name"));

    private final Jdbi jdbi;
    private final FrozenVersions versions;

    TrainingLookup(Jdbi jdbi, FrozenVersions versions) {
        this.jdbi = jdbi;
        this.versions = versions;
    }

    @Override
    public Owner ownerOf(String kind, String id) {
        return switch (kind) {
            case "project" -> {
                FrozenVersion version = versions.requireProject(id);
                yield Owner.of(version.projectId(), version.projectName());
            }
            case "tenant" -> new Owner(Tenant.require(id), null);
            case "run" -> find(OF_RUN, kind, id);
            case "search" -> find(OF_SEARCH, kind, id);
            case "imported-model" -> find(OF_IMPORTED_MODEL, kind, id);
            default -> throw new IllegalArgumentException("unknown kind " + kind);
        };
    }

    private Owner find(String query, String kind, String id) {
        UUID parsed;
        try {
            parsed = UUID.fromString(id);
        } catch (IllegalArgumentException _) {
            throw notFound(kind, id);
        }
        return jdbi.withHandle(handle -> handle.createQuery(query)
                        .bind("id", parsed)
                        .map((row, _) -> Owner.of(row.getObject("project", UUID.class), row.getString("name")))
                        .findOne())
                .orElseThrow(() -> notFound(kind, id));
    }

    @Override
    public Set<UUID> projectsOf(String tenant) {
        return jdbi.withHandle(handle -> handle.createQuery(OF_TENANT)
                .bind("tenant", tenant)
                .mapTo(UUID.class)
                .set());
    }

    @Override
    public ServiceException notFound(String kind, String id) {
        return switch (kind) {
            case "project" -> FrozenVersions.unknownProject(id);
            case "tenant" -> Tenant.notFound(id);
            case "run" -> Runs.notFound(id);
            case "search" -> Searches.notFound(id);
            case "imported-model" -> ImportedModels.notFound(id);
            default -> throw new IllegalArgumentException("unknown kind " + kind);
        };
    }
}
