package dev.loupe.service.limit;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** Limits of projects and API tokens for which an administrator has set none. Absent: there is no limit. */
@ConfigMapping(prefix = "loupe.limits")
public interface LimitsConfig {
    /** Limits of a project. */
    Project project();

    /** Limits of an API token. */
    Token token();

    /** Limits of a project. */
    interface Project {
        /** Requests in a second to one replica that name the project. */
        Optional<Double> requestsPerSecond();
    }

    /** Limits of an API token. */
    interface Token {
        /** Requests in a second to one replica with the token. */
        Optional<Double> requestsPerSecond();
    }
}
