package dev.loupe.inference.prediction;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import java.time.Duration;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Which predictions of a project are logged, and for how long.
 *
 * @param mode default {@code OFF}
 * @param share share of the predictions that is logged, above 0 and below 1; null unless the mode is {@code SAMPLED}
 * @param retentionDays days after which a logged prediction is deleted, default {@value #DEFAULT_RETENTION_DAYS}
 * @param keepImages whether the images of logged predictions are kept in object storage
 */
@Schema(name = "PredictionLogSettings", description = "which predictions are logged; absent: the default")
@JsonInclude(Include.NON_NULL)
public record LogSettings(
        @Schema(description = "default OFF") Mode mode,

        @Schema(description = "share of the predictions that SAMPLED logs, above 0 and below 1")
        Double share,

        @Schema(
                description = "days after which a logged prediction is deleted; default 30",
                minimum = "1",
                maximum = "3650")
        Integer retentionDays,

        @Schema(description = "whether the images are kept, in object storage; default false")
        boolean keepImages) {
    /** Days for which predictions of a project are kept that has set nothing else. */
    public static final int DEFAULT_RETENTION_DAYS = 30;

    private static final int MAX_RETENTION_DAYS = 3650;

    /** How many of the predictions are logged. */
    @Schema(name = "PredictionLogMode")
    public enum Mode {
        OFF,
        /** A random share. */
        SAMPLED,
        FULL
    }

    public LogSettings {
        mode = mode == null ? Mode.OFF : mode;
        retentionDays = retentionDays == null ? DEFAULT_RETENTION_DAYS : retentionDays;
        Fields.within("retentionDays", retentionDays, 1, MAX_RETENTION_DAYS);
        if (mode == Mode.SAMPLED && (share == null || !(share > 0 && share < 1))) {
            throw invalid("share: expected a number above 0 and below 1 with the mode SAMPLED, got "
                    + (share == null ? "nothing" : share));
        }
        if (mode != Mode.SAMPLED && share != null) {
            throw invalid("share: expected none with the mode " + mode + ", got " + share);
        }
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(ErrorCode.INVALID_REQUEST, message);
    }

    /** The settings of a project that has set none. */
    static LogSettings standard() {
        return new LogSettings(Mode.OFF, null, null, false);
    }

    /**
     * Whether a prediction is logged.
     *
     * @param random 0 to below 1, uniform
     */
    boolean includes(double random) {
        return switch (mode) {
            case OFF -> false;
            case SAMPLED -> random < share;
            case FULL -> true;
        };
    }

    Duration retention() {
        return Duration.ofDays(retentionDays);
    }
}
