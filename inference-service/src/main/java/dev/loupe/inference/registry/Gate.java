package dev.loupe.inference.registry;

import dev.loupe.contracts.Task;
import java.util.List;
import java.util.Locale;

/**
 * Rejects a promotion if the candidate is worse than the version that the alias points at (the incumbent), or cannot be
 * compared with it. Only metrics on the same TEST images and labels are compared: those of their trainings, or for the
 * incumbent those that an evaluation run has measured on the TEST images of the candidate.
 *
 * @param tolerance how much lower than the incumbent's a metric may be, 0..1
 */
record Gate(double tolerance) {

    /** Outcome of a comparison. */
    public enum Outcome {
        /** The alias is new: there is nothing to compare with. */
        NO_INCUMBENT,
        PASSED,
        /** The versions were evaluated on different TEST images, or have no metric in common. */
        NOT_COMPARABLE,
        FAILED,
        /** The gate rejected the version, and the promotion was forced. */
        FORCED,
        /** A rollback does not use the gate. */
        NOT_ASKED
    }

    record Verdict(Outcome outcome, String detail) {}

    Gate {
        if (!(tolerance >= 0 && tolerance <= 1)) {
            throw new IllegalArgumentException("loupe.inference.promotion.tolerance: expected 0..1, got " + tolerance);
        }
    }

    /** Compares a candidate with the incumbent, which is null if the alias is new. */
    Verdict compare(Task task, ModelVersion incumbent, ModelVersion candidate) {
        if (incumbent == null) {
            return new Verdict(Outcome.NO_INCUMBENT, "the alias is new");
        }
        if (incumbent.testDigest().isEmpty() || !incumbent.testDigest().equals(candidate.testDigest())) {
            return new Verdict(
                    Outcome.NOT_COMPARABLE,
                    "version %1$d was evaluated on other TEST images than version %2$d; evaluate version %2$d on dataset version %3$d first (POST /api/v1/evaluations)"
                            .formatted(candidate.number(), incumbent.number(), candidate.datasetVersion()));
        }
        List<String> metrics = metrics(task).stream()
                .filter(metric -> Double.isFinite(incumbent.metrics().getOrDefault(metric, Double.NaN)))
                .toList();
        if (metrics.isEmpty()) {
            return new Verdict(
                    Outcome.NOT_COMPARABLE,
                    "version %d has no metric on TEST images, expected one of %s"
                            .formatted(incumbent.number(), metrics(task)));
        }
        boolean passed = metrics.stream().allMatch(metric -> withinTolerance(metric, incumbent, candidate));
        List<String> evidence = metrics.stream()
                .map(metric -> "%s %s, version %d has %s"
                        .formatted(metric, value(candidate, metric), incumbent.number(), value(incumbent, metric)))
                .toList();
        return new Verdict(
                passed ? Outcome.PASSED : Outcome.FAILED,
                "on the same TEST images version %d has %s; tolerance %s"
                        .formatted(candidate.number(), String.join(", and ", evidence), rounded(tolerance)));
    }

    /** For a detector also the accuracy at its threshold: AUROC does not depend on the threshold. */
    private static List<String> metrics(Task task) {
        return switch (task) {
            case CLASSIFICATION -> List.of("accuracy");
            case ANOMALY_DETECTION -> List.of("auroc", "accuracy");
        };
    }

    /** Whether the candidate's metric is within the tolerance; false if the candidate lacks it or it is NaN. */
    private boolean withinTolerance(String metric, ModelVersion incumbent, ModelVersion candidate) {
        double has = candidate.metrics().getOrDefault(metric, Double.NaN);
        return has >= incumbent.metrics().get(metric) - tolerance;
    }

    private static String value(ModelVersion version, String metric) {
        Double value = version.metrics().get(metric);
        return value == null ? "none" : rounded(value);
    }

    private static String rounded(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
