package dev.loupe.inference.registry;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Conditions that a version must meet before an alias of its project points at it.
 *
 * @param metricFloors smallest value of a metric on the TEST images, by its name
 * @param recallFloors smallest recall, 0..1, of a label on the TEST images
 * @param minTestImages smallest number of TEST images
 * @param comparison how the version is compared with the one that the alias points at
 * @param tolerance how much lower than the incumbent's a metric may be, 0..1; null for that of the configuration
 * @param approval whether another person than the author has to approve a promotion
 */
@Schema(name = "PromotionPolicy", description = "conditions for the promotions of a project; absent: the default")
public record PromotionPolicy(
        @Schema(description = "smallest value of a metric on the TEST images, by its name")
        Map<String, Double> metricFloors,

        @Schema(description = "smallest recall of a label on the TEST images, 0 to 1, by the label")
        Map<String, Double> recallFloors,

        @Schema(description = "smallest number of TEST images; default 0", minimum = "0")
        Integer minTestImages,

        @Schema(description = "how it is compared with the version that the alias points at; default POINT")
        Comparison comparison,

        @Schema(
                description = "how much lower than that of the current version a metric may be; default 0.005",
                minimum = "0",
                maximum = "1")
        Double tolerance,

        @Schema(description = "whether another person than the author has to approve a promotion; default false")
        boolean approval) {
    private static final int MAX_METRICS = 50;
    private static final int MAX_LABELS = 1000;
    private static final int MAX_NAME_LENGTH = 100;

    /** Metrics of which a smaller value is better: a floor of them has no meaning. */
    private static final Set<String> ERRORS = Set.of("logLoss", "brier", "ece");

    /** How a candidate is compared with the incumbent on the same TEST images. */
    public enum Comparison {
        /** The difference of the metrics is at least minus the tolerance. */
        POINT,
        /** The same, and for accuracy all of the 95 % interval of the paired difference is. */
        INTERVAL
    }

    public PromotionPolicy {
        metricFloors = metricFloors == null ? Map.of() : floors("metricFloors", metricFloors, MAX_METRICS);
        recallFloors = recallFloors == null ? Map.of() : floors("recallFloors", recallFloors, MAX_LABELS);
        metricFloors.keySet().stream().filter(ERRORS::contains).findFirst().ifPresent(metric -> {
            throw invalid("metricFloors: expected metrics of which a greater value is better, got '" + metric + "'");
        });
        recallFloors.forEach((label, floor) -> within("recallFloors of " + QuotedInput.of(label), floor));
        minTestImages = minTestImages == null ? 0 : minTestImages;
        Fields.atLeast("minTestImages", minTestImages, 0);
        comparison = comparison == null ? Comparison.POINT : comparison;
        within("tolerance", tolerance);
    }

    /** The policy of a project that has set none. */
    static PromotionPolicy standard() {
        return new PromotionPolicy(null, null, null, null, null, false);
    }

    /** Returns this policy with a tolerance, the given one if it has none. */
    PromotionPolicy withTolerance(double configured) {
        return tolerance != null
                ? this
                : new PromotionPolicy(metricFloors, recallFloors, minTestImages, comparison, configured, approval);
    }

    private static Map<String, Double> floors(String field, Map<String, Double> floors, int most) {
        if (floors.size() > most) {
            throw invalid(field + ": expected at most " + most + " entries, got " + floors.size());
        }
        floors.forEach((name, floor) -> {
            if (name.isBlank() || name.length() > MAX_NAME_LENGTH) {
                throw invalid(field + ": expected names of 1 to " + MAX_NAME_LENGTH + " characters, got "
                        + QuotedInput.of(name));
            }
            if (floor == null || !Double.isFinite(floor)) {
                throw invalid(field + " of " + QuotedInput.of(name) + ": expected a number, got " + floor);
            }
        });
        return Map.copyOf(floors);
    }

    private static void within(String field, Double value) {
        if (value != null && !(value >= 0 && value <= 1)) {
            throw invalid(field + ": expected 0 to 1, got " + value);
        }
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(ErrorCode.POLICY_INVALID, message);
    }
}
