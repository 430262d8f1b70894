package dev.loupe.contracts.training;

import java.util.Map;
import java.util.Objects;

/** Checks metrics that trainers report, by name. */
final class Metrics {
    private static final int MOST = 1000;
    private static final int LONGEST_NAME = 200;

    private Metrics() {}

    /** Returns a copy; throws if a name or a value cannot be stored. */
    static Map<String, Double> check(Map<String, Double> metrics) {
        if (metrics == null) {
            return Map.of();
        }
        boolean acceptable = metrics.size() <= MOST
                && metrics.values().stream().noneMatch(Objects::isNull)
                && metrics.keySet().stream()
                        .allMatch(name ->
                                name.length() <= LONGEST_NAME && name.chars().noneMatch(Character::isISOControl));
        if (!acceptable) {
            throw new IllegalArgumentException("metrics: expected at most " + MOST + " numbers with names of up to "
                    + LONGEST_NAME + " characters, none of them a control character");
        }
        return Map.copyOf(metrics);
    }
}
