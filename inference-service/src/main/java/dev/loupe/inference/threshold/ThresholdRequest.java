package dev.loupe.inference.threshold;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A request for a threshold.
 *
 * @param method how it is chosen
 * @param target of FALSE_ALARM_RATE above 0 and below 1, of RECALL above 0 and at most 1
 * @param confidence of FALSE_ALARM_RATE, 0.5 to below 1; null: 0.95
 * @param value of MANUAL
 * @param expectedThreshold number of the threshold version that must be the current one, null for any
 * @param reason kept with the threshold version
 */
record ThresholdRequest(
        @Schema(
                required = true,
                enumeration = {"BEST_F1", "FALSE_ALARM_RATE", "RECALL", "MANUAL"})
        String method,

        @Schema(exclusiveMinimum = true, minimum = "0", maximum = "1")
        Double target,

        @Schema(minimum = "0.5", exclusiveMaximum = true, maximum = "1")
        Double confidence,

        Double value,
        @Schema(minimum = "1") Integer expectedThreshold,
        @Schema(maxLength = MAX_REASON_LENGTH) String reason) {
    private static final int MAX_REASON_LENGTH = 1000;
    private static final double DEFAULT_CONFIDENCE = 0.95;
    private static final double LEAST_CONFIDENCE = 0.5;
    /** One false alarm in a million needs three million normal images. */
    private static final double LEAST_TARGET = 1e-6;

    ThresholdRequest {
        Fields.requirePresent("method", method);
        Fields.atLeast("expectedThreshold", expectedThreshold, 1);
        Fields.atMost("reason", reason, MAX_REASON_LENGTH);
        switch (parsed(method)) {
            case FALSE_ALARM_RATE -> {
                require("target", Fields.requirePresent("target", target), LEAST_TARGET, true);
                confidence = confidence == null ? DEFAULT_CONFIDENCE : confidence;
                require("confidence", confidence, LEAST_CONFIDENCE, true);
                requireAbsent("value", value, method);
            }
            case RECALL -> {
                require("target", Fields.requirePresent("target", target), LEAST_TARGET, false);
                requireAbsent("confidence", confidence, method);
                requireAbsent("value", value, method);
            }
            case MANUAL -> {
                if (!Float.isFinite(Fields.requirePresent("value", value).floatValue())) {
                    throw invalid("value", "a finite number that fits into a float", value);
                }
                requireAbsent("target", target, method);
                requireAbsent("confidence", confidence, method);
            }
            case BEST_F1 -> {
                requireAbsent("target", target, method);
                requireAbsent("confidence", confidence, method);
                requireAbsent("value", value, method);
            }
            case TRAINING -> throw invalid("method", "BEST_F1, FALSE_ALARM_RATE, RECALL or MANUAL", method);
        }
    }

    ThresholdMethod chosenBy() {
        return parsed(method);
    }

    private static ThresholdMethod parsed(String method) {
        return Fields.oneOf("method", ThresholdMethod.class, method);
    }

    private static void require(String name, double value, double least, boolean belowOne) {
        // Written as a negation so that NaN fails.
        if (!(value >= least && (belowOne ? value < 1 : value <= 1))) {
            throw invalid(name, "%s or more and %s 1".formatted(least, belowOne ? "below" : "at most"), value);
        }
    }

    private static void requireAbsent(String name, Double value, String method) {
        if (value != null) {
            throw invalid(name, "nothing with the method " + method, value);
        }
    }

    private static ServiceException invalid(String name, String expected, Object got) {
        return new ServiceException(ErrorCode.INVALID_REQUEST, name + ": expected " + expected + ", got " + got);
    }
}
