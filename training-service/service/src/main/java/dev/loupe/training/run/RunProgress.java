package dev.loupe.training.run;

import java.util.Map;

/**
 * How far the current attempt is, by its newest report.
 *
 * @param phase what the trainer does
 * @param done units of the phase that are done
 * @param total units of the phase, 0 if unknown
 * @param imagesPerSecond in this phase, 0 if it does not go by images
 * @param etaSeconds left in this phase, -1 if unknown
 * @param metrics newest values
 */
public record RunProgress(
        String phase, long done, long total, double imagesPerSecond, double etaSeconds, Map<String, Double> metrics) {}
