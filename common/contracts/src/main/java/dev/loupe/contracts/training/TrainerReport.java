package dev.loupe.contracts.training;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Progress of a trainer, sent at most once a second and at each change of phase. A lost report does no harm.
 *
 * @param attempt number of the attempt
 * @param sequence increases with each report of an attempt; a report with a lower number than an earlier one is ignored
 * @param at time of the report
 * @param phase current phase: {@code fetch}, {@code features}, {@code train}, {@code coreset}, {@code evaluate}, {@code
 *     package}, {@code upload}
 * @param done completed units of the phase (images, epochs, patches)
 * @param total total units of the phase, 0 if unknown
 * @param imagesPerSecond throughput of this phase, 0 if it does not process images
 * @param etaSeconds remaining seconds of this phase, -1 if unknown
 * @param metrics newest values: {@code loss}, {@code devAccuracy}, ...
 * @param points what was measured since the last report that arrived; a point may be sent more than once
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
        Map<String, Double> metrics,
        List<MetricPoint> points) {
    /** Most points in one report. */
    public static final int MAX_POINTS = 500;

    public TrainerReport {
        metrics = Metrics.check(metrics);
        points = points == null ? List.of() : points;
        if (points.size() > MAX_POINTS || points.stream().anyMatch(Objects::isNull)) {
            throw new IllegalArgumentException(
                    "report: expected at most " + MAX_POINTS + " points, none of them null, got " + points.size());
        }
        points = List.copyOf(points);
        if (phase != null) {
            checkPhase(phase);
        }
    }

    static void checkPhase(String phase) {
        if (!phase.matches("[A-Za-z][A-Za-z0-9 _-]{0,39}")) {
            throw new IllegalArgumentException(
                    "report: expected a phase of up to 40 letters, digits, spaces and dashes");
        }
    }
}
