package dev.loupe.contracts.training;

import java.time.Instant;
import java.util.Map;

/**
 * The values that a trainer measured at one step.
 *
 * @param phase phase of the trainer, as in {@link TrainerReport}
 * @param step completed units of the phase, such as epochs, 0 or more
 * @param at when it measured them
 * @param metrics values by name: {@code loss}, {@code devAccuracy}, ...
 */
public record MetricPoint(String phase, long step, Instant at, Map<String, Double> metrics) {
    public MetricPoint {
        if (phase == null || at == null || step < 0) {
            throw new IllegalArgumentException(
                    "point: expected a phase, a time and a step of 0 or more, got " + phase + ", " + at + ", " + step);
        }
        TrainerReport.checkPhase(phase);
        metrics = Metrics.check(metrics);
        if (!metrics.values().stream().allMatch(Double::isFinite)) {
            throw new IllegalArgumentException("point: expected finite values, got " + metrics);
        }
    }
}
