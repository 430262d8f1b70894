package dev.loupe.contracts.recipe;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * The values of a parameter that a search tries: those that are enumerated, or those from {@code min} to {@code max}.
 *
 * @param values the values, at least one; null or empty for an interval
 * @param min smallest value of an interval, else null
 * @param max largest value of an interval, above {@code min}; else null
 * @param log whether values are drawn on a logarithmic scale; null: no
 */
@JsonInclude(Include.NON_NULL)
public record SearchRange(List<Object> values, BigDecimal min, BigDecimal max, Boolean log) {
    public SearchRange {
        values = values != null && values.isEmpty() ? null : values; // generated clients send it for an interval
        boolean interval = min != null && max != null && values == null;
        boolean enumerated = values != null && min == null && max == null;
        if (!interval && !enumerated) {
            throw new IllegalArgumentException(
                    "expected values, or min and max, got values " + values + ", min " + min + " and max " + max);
        }
        if (enumerated && (log != null || values.stream().anyMatch(Objects::isNull))) {
            throw new IllegalArgumentException("values: expected values that are not null, without log, got " + values);
        }
        if (interval && min.compareTo(max) >= 0) {
            throw new IllegalArgumentException("expected min below max, got min " + min + " and max " + max);
        }
        if (Boolean.TRUE.equals(log) && min.signum() <= 0) {
            throw new IllegalArgumentException("log: expected min above 0, got " + min);
        }
        values = values == null
                ? null
                : Collections.unmodifiableList(values.stream().distinct().toList());
    }

    /** Whether values are drawn on a logarithmic scale. */
    public boolean logarithmic() {
        return Boolean.TRUE.equals(log);
    }

    /** An interval. */
    public static SearchRange between(String min, String max) {
        return new SearchRange(null, new BigDecimal(min), new BigDecimal(max), null);
    }

    /** An interval on a logarithmic scale. */
    public static SearchRange logBetween(String min, String max) {
        return new SearchRange(null, new BigDecimal(min), new BigDecimal(max), true);
    }

    /** Enumerated values. */
    public static SearchRange of(Object... values) {
        return new SearchRange(List.of(values), null, null, null);
    }
}
