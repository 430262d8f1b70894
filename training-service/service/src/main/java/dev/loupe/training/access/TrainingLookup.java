package dev.loupe.training.access;

import dev.loupe.service.access.ProjectLookup;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.imported.ImportedModels;
import dev.loupe.training.run.Runs;
import dev.loupe.training.search.Searches;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** Finds the projects of runs, searches and imported models for the access rules of this service. */
@ApplicationScoped
class TrainingLookup implements ProjectLookup {
    private static final String OF_RUN = """
            select d.project_id from run r join dataset_version d on d.id = r.dataset_version_id where r.id = :id""";
    private static final String OF_SEARCH = """
            select d.project_id from search s join dataset_version d on d.id = s.dataset_version_id where s.id = :id""";
    private static final String OF_IMPORTED_MODEL = "select project_id from imported_model where id = :id";

    private final Jdbi jdbi;
    private final FrozenVersions versions;

    TrainingLookup(Jdbi jdbi, FrozenVersions versions) {
        this.jdbi = jdbi;
        this.versions = versions;
    }

    @Override
    public Optional<UUID> projectOf(String kind, String id) {
        return Optional.of(
                switch (kind) {
                    case "project" -> versions.requireProject(id).projectId();
                    case "run" -> find(OF_RUN, kind, id);
                    case "search" -> find(OF_SEARCH, kind, id);
                    case "imported-model" -> find(OF_IMPORTED_MODEL, kind, id);
                    default -> throw new IllegalArgumentException("unknown kind " + kind);
                });
    }

    private UUID find(String query, String kind, String id) {
        UUID parsed;
        try {
            parsed = UUID.fromString(id);
        } catch (IllegalArgumentException _) {
            throw notFound(kind, id);
        }
        return jdbi.withHandle(handle -> handle.createQuery(query)
                        .bind("id", parsed)
                        .mapTo(UUID.class)
                        .findOne())
                .orElseThrow(() -> notFound(kind, id));
    }

    @Override
    public ServiceException notFound(String kind, String id) {
        return switch (kind) {
            case "project" -> FrozenVersions.unknownProject(id);
            case "run" -> Runs.notFound(id);
            case "search" -> Searches.notFound(id);
            case "imported-model" -> ImportedModels.notFound(id);
            default -> throw new IllegalArgumentException("unknown kind " + kind);
        };
    }
}
