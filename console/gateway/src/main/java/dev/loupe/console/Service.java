package dev.loupe.console;

import java.util.List;
import java.util.Optional;

/** The services behind the gateway, and the paths that each one answers. */
enum Service {
    DATASET(
            "dataset-service",
            List.of(
                    "/api/v1/projects",
                    "/api/v1/tokens",
                    "/api/v1/tenants",
                    "/api/v1/caller",
                    "/api/v1/audit/dataset-service")),
    TRAINING(
            "training-service",
            List.of(
                    "/api/v1/runs",
                    "/api/v1/evaluations",
                    "/api/v1/recipes",
                    "/api/v1/backbones",
                    "/api/v1/imported-models",
                    "/api/v1/searches",
                    "/api/v1/quotas",
                    "/api/v1/dataset-versions",
                    "/api/v1/audit/training-service")),
    INFERENCE("inference-service", List.of("/api/v1/models", "/api/v1/audit/inference-service", "/v2"));

    private final String label;
    private final List<String> paths;

    Service(String label, List<String> paths) {
        this.label = label;
        this.paths = paths;
    }

    /** Its name for people. */
    String label() {
        return label;
    }

    /** The service that answers the path; empty if none does. */
    static Optional<Service> of(String path) {
        for (Service service : values()) {
            if (service.paths.stream().anyMatch(own -> path.equals(own) || path.startsWith(own + "/"))) {
                return Optional.of(service);
            }
        }
        return Optional.empty();
    }
}
