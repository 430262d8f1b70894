package dev.loupe.training.result;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Collectors;

/** Order of a list of results. Results with the same value are ordered by digest, so that each order is total. */
enum ResultOrder {
    MARGIN("margin", Comparator.comparingDouble(TestResult::margin)),
    MARGIN_DESCENDING("-margin", Comparator.comparingDouble(TestResult::margin).reversed()),
    SCORE("score", Comparator.comparingDouble(TestResult::score)),
    SCORE_DESCENDING("-score", Comparator.comparingDouble(TestResult::score).reversed()),
    NAME("name", Comparator.comparing(TestResult::name)),
    NAME_DESCENDING("-name", Comparator.comparing(TestResult::name).reversed());

    private final String text;
    private final Comparator<TestResult> comparator;

    ResultOrder(String text, Comparator<TestResult> comparator) {
        this.text = text;
        this.comparator = comparator.thenComparing(TestResult::sha256);
    }

    static ResultOrder parse(String text) {
        return Arrays.stream(values())
                .filter(order -> order.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.INVALID_REQUEST,
                        "sort: expected one of "
                                + Arrays.stream(values())
                                        .map(order -> order.text)
                                        .collect(Collectors.joining(", "))
                                + ", got " + QuotedInput.of(text)));
    }

    Comparator<TestResult> comparator() {
        return comparator;
    }
}
