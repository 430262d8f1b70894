package dev.loupe.contracts.training;

import java.time.Instant;
import java.util.Map;

/**
 * Progress of a trainer, sent at most once a second and at each change of phase. Losing one costs nothing.
 *
 * @param attempt that speaks
 * @param sequence grows by one with each report of an attempt: an older one changes nothing
 * @param at when
 * @param phase what it does: {@code fetch}, {@code features}, {@code train}, {@code coreset}, {@code evaluate},
 *     {@code package}, {@code upload}
 * @param done units of the phase that are done (images, epochs, patches)
 * @param total units of the phase, 0 if unknown
 * @param imagesPerSecond in this phase, 0 if it does not go by images
 * @param etaSeconds left in this phase, -1 if unknown
 * @param metrics newest values: {@code loss}, {@code devAccuracy}, ...
 */
public record TrainerReport(
        int attempt,
        long sequence,
        Instant at,
        String phase,
        long done,
        long total,
        double imagesPerSecond,
        double etaSeconds,
        Map<String, Double> metrics) {
    public TrainerReport {
        metrics = Metrics.check(metrics);
        if (phase != null && !phase.matches("[A-Za-z][A-Za-z0-9 _-]{0,39}")) {
            throw new IllegalArgumentException(
                    "report: expected a phase of up to 40 letters, digits, spaces and dashes");
        }
    }
}
