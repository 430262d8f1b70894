package dev.loupe.training.run;

import java.util.Map;

/**
 * Progress of the current attempt, from its newest report.
 *
 * @param phase current phase of the trainer
 * @param done completed units of the phase
 * @param total total units of the phase, 0 if unknown
 * @param imagesPerSecond throughput of this phase, 0 if it does not process images
 * @param etaSeconds remaining seconds of this phase, -1 if unknown
 * @param metrics newest values of the metrics
 */
public record RunProgress(
        String phase, long done, long total, double imagesPerSecond, double etaSeconds, Map<String, Double> metrics) {}
