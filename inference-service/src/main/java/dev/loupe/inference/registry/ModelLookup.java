package dev.loupe.inference.registry;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Looks up models by the path parameters of the REST API. */
@ApplicationScoped
public class ModelLookup {
    private final ModelRepository models;

    ModelLookup(ModelRepository models) {
        this.models = models;
    }

    /**
     * Returns the model of a project.
     *
     * @param project its id, its name, or a name that it had before
     */
    public Model require(String project) {
        return byId(project).or(() -> models.findByAnyName(project)).orElseThrow(() -> unknown(project));
    }

    /** The ids of the projects of a tenant that have a model. */
    public Set<UUID> projectsOf(String tenant) {
        return models.projectsOf(tenant);
    }

    /** The error for a project that has no model. */
    public static ServiceException unknown(String project) {
        return new ServiceException(
                ErrorCode.MODEL_NOT_FOUND,
                "no model " + QuotedInput.of(project) + ": a project has a model after its first version");
    }

    private Optional<Model> byId(String project) {
        try {
            return models.find(UUID.fromString(project));
        } catch (IllegalArgumentException _) {
            return Optional.empty(); // not an id but a name
        }
    }

    /** Returns a version of a model. */
    public ModelVersion requireVersion(Model model, int number) {
        return models.findVersion(model.projectId(), number).orElseThrow(() -> noVersion(model, number));
    }

    /** The error for a version that does not exist. */
    public static ServiceException noVersion(Model model, int number) {
        return new ServiceException(
                ErrorCode.MODEL_VERSION_NOT_FOUND, "model '" + model.name() + "' has no version " + number);
    }
}
