package dev.loupe.inference.prediction;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Task;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.commons.statistics.interval.BinomialConfidenceInterval;
import org.apache.commons.statistics.interval.Interval;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * How right logged predictions were, by those whose outcome was reported.
 *
 * @param from time of the first prediction that counts
 * @param to time from which predictions do not count
 * @param versions the newest first
 */
@Schema(name = "LiveMetrics")
record LiveMetrics(Instant from, Instant to, Task task, List<VersionMetrics> versions) {
    private static final double ERROR_RATE = 0.05;

    /**
     * Predictions with one label and one outcome, of a version on a day. Public, because Jdbi constructs only public
     * records.
     *
     * @param outcome null: not reported
     */
    public record Outcome(int version, Instant day, String label, String outcome, long predictions) {
        boolean isReported() {
            return outcome != null;
        }

        boolean isRight() {
            return label.equals(outcome);
        }
    }

    /**
     * A share with its 95 % confidence interval by Wilson.
     *
     * @param count predictions of this kind
     * @param predictions predictions of which they are
     */
    @Schema(name = "LiveRate")
    record Rate(long count, long predictions, double rate, double lower, double upper) {
        /** Returns null for none of none. */
        static Rate of(long count, long predictions) {
            if (predictions == 0) {
                return null;
            }
            Interval interval = BinomialConfidenceInterval.WILSON_SCORE.fromErrorRate(
                    Math.toIntExact(predictions), Math.toIntExact(count), ERROR_RATE);
            return new Rate(
                    count,
                    predictions,
                    (double) count / predictions,
                    interval.getLowerBound(),
                    interval.getUpperBound());
        }
    }

    /** Predictions of a label whose outcome is a label. */
    @Schema(name = "LiveConfusion")
    record Cell(String outcome, String label, long predictions) {}

    /**
     * Shares of the predictions whose outcome was reported.
     *
     * @param predictions logged predictions, with and without an outcome
     * @param accuracy absent without an outcome
     * @param falseAlarms of a detector, of the normal images; absent without any
     * @param misses of a detector, of the abnormal images; absent without any
     */
    @JsonInclude(Include.NON_NULL)
    @Schema(name = "LiveRates")
    record Rates(long predictions, Rate accuracy, Rate falseAlarms, Rate misses) {
        static Rates of(Task task, List<Outcome> outcomes) {
            boolean detector = task == Task.ANOMALY_DETECTION;
            return new Rates(
                    sum(outcomes, _ -> true),
                    Rate.of(sum(outcomes, Outcome::isRight), sum(outcomes, Outcome::isReported)),
                    detector ? wrong(outcomes, "normal") : null,
                    detector ? wrong(outcomes, "abnormal") : null);
        }

        private static Rate wrong(List<Outcome> outcomes, String truth) {
            Predicate<Outcome> of = outcome -> truth.equals(outcome.outcome());
            return Rate.of(sum(outcomes, of.and(outcome -> !outcome.isRight())), sum(outcomes, of));
        }
    }

    /** What is measured on a day, in UTC. */
    @Schema(name = "LiveDay")
    record Day(Instant day, Rates rates) {}

    /**
     * What is measured of a version.
     *
     * @param confusion by outcome and label; those without predictions are absent
     */
    @Schema(name = "LiveVersion")
    record VersionMetrics(int version, Rates rates, List<Cell> confusion, List<Day> days) {
        static VersionMetrics of(int version, Task task, List<Outcome> outcomes) {
            List<Day> days = new ArrayList<>();
            outcomes.stream()
                    .collect(Collectors.groupingBy(Outcome::day, TreeMap::new, Collectors.toList()))
                    .forEach((day, ofDay) -> days.add(new Day(day, Rates.of(task, ofDay))));
            return new VersionMetrics(version, Rates.of(task, outcomes), confusion(outcomes), days);
        }

        private static List<Cell> confusion(List<Outcome> outcomes) {
            Map<String, Map<String, Long>> cells = outcomes.stream()
                    .filter(Outcome::isReported)
                    .collect(Collectors.groupingBy(
                            Outcome::outcome,
                            TreeMap::new,
                            Collectors.groupingBy(
                                    Outcome::label, TreeMap::new, Collectors.summingLong(Outcome::predictions))));
            List<Cell> listed = new ArrayList<>();
            cells.forEach((outcome, labels) ->
                    labels.forEach((label, predictions) -> listed.add(new Cell(outcome, label, predictions))));
            return listed;
        }
    }

    static LiveMetrics of(Instant from, Instant to, Task task, List<Outcome> outcomes) {
        Map<Integer, List<Outcome>> versions = outcomes.stream()
                .collect(Collectors.groupingBy(
                        Outcome::version, () -> new TreeMap<>(Comparator.reverseOrder()), Collectors.toList()));
        return new LiveMetrics(
                from,
                to,
                task,
                versions.entrySet().stream()
                        .map(version -> VersionMetrics.of(version.getKey(), task, version.getValue()))
                        .toList());
    }

    private static long sum(List<Outcome> outcomes, Predicate<Outcome> which) {
        return outcomes.stream().filter(which).mapToLong(Outcome::predictions).sum();
    }
}
