package dev.loupe.inference.prediction;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Logged predictions over time.
 *
 * @param from time of the first prediction that counts
 * @param to time from which predictions do not count
 * @param items by time, version and label; those without predictions are absent
 */
@Schema(name = "PredictionCounts")
record PredictionCounts(Instant from, Instant to, Interval interval, List<Count> items) {

    /** Length of the periods that are counted, in UTC. */
    @Schema(name = "PredictionInterval")
    enum Interval {
        MINUTE(ChronoUnit.MINUTES),
        HOUR(ChronoUnit.HOURS),
        DAY(ChronoUnit.DAYS);

        private final ChronoUnit length;

        Interval(ChronoUnit length) {
            this.length = length;
        }

        Duration length() {
            return length.getDuration();
        }

        /** Its name in SQL. */
        String unit() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Predictions of a version with one label in a period. Public, because Jdbi constructs only public records.
     *
     * @param start begin of the period
     * @param meanBrightness absent if no image was measured
     * @param meanSharpness absent if no image was measured
     */
    @JsonInclude(Include.NON_NULL)
    @Schema(name = "PredictionCount")
    public record Count(
            Instant start,
            int version,
            String label,
            long predictions,
            double meanScore,
            double meanLatencyMillis,
            Double meanBrightness,
            Double meanSharpness) {}
}
