package dev.loupe.training.metric;

import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * The values of a metric during a run.
 *
 * @param name name of the metric
 * @param points its values, ordered by attempt and time
 */
public record MetricSeries(
        @Schema(required = true, examples = "devAccuracy") String name,

        @Schema(required = true) List<Point> points) {
    public MetricSeries {
        points = List.copyOf(points);
    }

    /**
     * A value at one step.
     *
     * @param attempt number of the attempt that measured it
     * @param phase phase of the trainer, such as {@code train}
     * @param step completed units of the phase, such as epochs
     * @param at when it was measured
     * @param value the value
     */
    @Schema(name = "MetricValue")
    public record Point(
            @Schema(required = true) int attempt,
            @Schema(required = true, examples = "train") String phase,

            @Schema(required = true) long step,
            @Schema(required = true) Instant at,
            @Schema(required = true) double value) {}
}
