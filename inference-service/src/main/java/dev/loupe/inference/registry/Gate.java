package dev.loupe.inference.registry;

import dev.loupe.contracts.Task;
import java.util.Locale;

/**
 * Keeps a version that is worse than the alias's holder from taking its place. Only figures of the same TEST images and
 * labels are compared.
 *
 * @param tolerance how much smaller the main metric may be, 0..1
 */
record Gate(double tolerance) {

    /** What a comparison said. */
    public enum Outcome {
        /** The alias is new. */
        NO_HOLDER,
        PASSED,
        /** Judged on other images: nobody can say which one is better. */
        NOT_COMPARABLE,
        FAILED,
        /** It failed, and the mover insisted. */
        FORCED,
        /** A rollback asks nobody. */
        NOT_ASKED
    }

    record Verdict(Outcome outcome, String detail) {}

    Gate {
        if (!(tolerance >= 0 && tolerance <= 1)) {
            throw new IllegalArgumentException("loupe.inference.promotion.tolerance: expected 0..1, got " + tolerance);
        }
    }

    /** Compares a candidate with the holder, which is null for a new alias. */
    Verdict compare(Task task, ModelVersion holder, ModelVersion candidate) {
        if (holder == null) {
            return new Verdict(Outcome.NO_HOLDER, "the alias held no version");
        }
        if (holder.testDigest().isEmpty() || !holder.testDigest().equals(candidate.testDigest())) {
            return new Verdict(
                    Outcome.NOT_COMPARABLE,
                    "not comparable: version %d was judged on other TEST images than version %d"
                            .formatted(candidate.number(), holder.number()));
        }
        String metric = mainMetric(task);
        double had = holder.metrics().getOrDefault(metric, Double.NaN);
        double has = candidate.metrics().getOrDefault(metric, Double.NaN);
        if (Double.isNaN(had)) {
            return new Verdict(
                    Outcome.NOT_COMPARABLE, "not comparable: version " + holder.number() + " has no " + metric);
        }
        String figures = "%s of version %d is %s, of version %d it is %s; tolerance %s"
                .formatted(metric, candidate.number(), round(has), holder.number(), round(had), round(tolerance));
        return new Verdict(has >= had - tolerance ? Outcome.PASSED : Outcome.FAILED, figures);
    }

    private static String mainMetric(Task task) {
        return switch (task) {
            case CLASSIFICATION -> "accuracy";
            case ANOMALY_DETECTION -> "auroc";
        };
    }

    private static String round(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
