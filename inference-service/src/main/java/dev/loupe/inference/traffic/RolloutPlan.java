package dev.loupe.inference.traffic;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** The steps of a rollout, and the bounds that must hold in each. */
@Schema(name = "RolloutPlan")
public record RolloutPlan(
        @Schema(description = "weights in percent, each larger than the one before; default 5, 25, 50, 100")
        List<Double> steps,

        @Schema(description = "seconds that each step lasts; default 600", minimum = "1")
        Integer bakeSeconds,

        @Schema(description = "fewest requests to the candidate in each step; default 100", minimum = "1")
        Integer minRequests,

        @Schema(description = "largest share of the candidate's predictions that fail; default 0.01")
        Double maxErrorRate,

        @Schema(description = "largest 99th percentile of the candidate's times, in milliseconds; default: none")
        Double maxP99Millis,

        @Schema(
                description = "largest share of images that candidate and holder predict differently; default: none. "
                        + "It makes the candidate a shadow")
        Double maxDisagreementRate) {
    private static final int MAX_STEPS = 20;
    private static final int MAX_BAKE_SECONDS = 7 * 24 * 3600;
    private static final int MAX_REQUESTS = 1_000_000;
    private static final double MAX_P99_MILLIS = 600_000;
    private static final List<Double> DEFAULT_STEPS = List.of(5.0, 25.0, 50.0, 100.0);
    private static final int DEFAULT_BAKE_SECONDS = 600;
    private static final int DEFAULT_REQUESTS = 100;
    private static final double DEFAULT_ERROR_RATE = 0.01;

    /** A plan with all defaults. */
    static RolloutPlan standard() {
        return new RolloutPlan(null, null, null, null, null, null);
    }

    public RolloutPlan {
        if (steps != null && steps.stream().anyMatch(Objects::isNull)) {
            throw invalid("steps: expected increasing weights above 0 up to 100, got " + steps);
        }
        steps = steps == null ? DEFAULT_STEPS : List.copyOf(steps);
        bakeSeconds = bakeSeconds == null ? DEFAULT_BAKE_SECONDS : bakeSeconds;
        minRequests = minRequests == null ? DEFAULT_REQUESTS : minRequests;
        maxErrorRate = maxErrorRate == null ? DEFAULT_ERROR_RATE : maxErrorRate;
        if (steps.isEmpty() || steps.size() > MAX_STEPS) {
            throw invalid("steps: expected 1 to " + MAX_STEPS + ", got " + steps.size());
        }
        double before = 0;
        for (double step : steps) {
            if (!(step > before && step <= 100)) {
                throw invalid("steps: expected increasing weights above 0 up to 100, got " + steps);
            }
            before = step;
        }
        within("bakeSeconds", bakeSeconds, 1, MAX_BAKE_SECONDS);
        within("minRequests", minRequests, 1, MAX_REQUESTS);
        within("maxErrorRate", maxErrorRate, 0, 1);
        within("maxDisagreementRate", maxDisagreementRate, 0, 1);
        within("maxP99Millis", maxP99Millis, 0, MAX_P99_MILLIS);
    }

    private static void within(String field, Number value, double least, double most) {
        if (value != null && !(value.doubleValue() >= least && value.doubleValue() <= most)) {
            throw invalid("%s: expected %s to %s, got %s".formatted(field, least, most, value));
        }
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(ErrorCode.ROLLOUT_INVALID, message);
    }
}
