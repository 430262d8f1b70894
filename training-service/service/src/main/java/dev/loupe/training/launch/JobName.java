package dev.loupe.training.launch;

import java.util.UUID;

/**
 * Name of a job. It derives from the run and the attempt, so that asking twice for the same job gives one.
 *
 * @param value letters, digits and dashes, at most 63 characters
 */
public record JobName(String value) {
    public JobName {
        if (!value.matches("[a-z0-9][a-z0-9-]{0,62}")) {
            throw new IllegalArgumentException("Not a job name: '" + value + "'");
        }
    }

    public static JobName of(UUID run, int attempt) {
        return new JobName("loupe-run-" + run.toString().replace("-", "") + "-" + attempt);
    }

    @Override
    public String toString() {
        return value;
    }
}
