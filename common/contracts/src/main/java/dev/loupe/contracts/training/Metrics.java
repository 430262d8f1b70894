package dev.loupe.contracts.training;

import java.util.Map;
import java.util.Objects;

/** Checks metrics that trainers report, by name. */
final class Metrics {
    private static final int MAX_METRICS = 1000;
    private static final int MAX_NAME_LENGTH = 200;

    private Metrics() {}

    /** Returns a copy; throws if a name or a value cannot be stored. */
    static Map<String, Double> check(Map<String, Double> metrics) {
        if (metrics == null) {
            return Map.of();
        }
        boolean acceptable = metrics.size() <= MAX_METRICS
                && metrics.values().stream().noneMatch(Objects::isNull)
                && metrics.keySet().stream()
                        .allMatch(name ->
                                name.length() <= MAX_NAME_LENGTH && name.chars().noneMatch(Character::isISOControl));
        if (!acceptable) {
            throw new IllegalArgumentException(
                    "metrics: expected at most " + MAX_METRICS + " numbers with names of up to " + MAX_NAME_LENGTH
                            + " characters, none of them a control character");
        }
        return Map.copyOf(metrics);
    }
}
