package dev.loupe.tests.path;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.ToDoubleFunction;

/**
 * Measures several sides in turns, round by round, so that what else the machine does meets all alike, and prints ratios:
 * the median of the rounds, with the least and the greatest.
 */
final class LoadRounds {
    private final Map<String, Side> sides = new LinkedHashMap<>();
    private final Map<String, List<LoadResult>> results = new LinkedHashMap<>();

    /** What is measured. */
    interface Side {
        /** @param round its number, from 0; -1 for the first one, which is not counted */
        LoadResult measure(int round, Duration length) throws IOException, InterruptedException, ExecutionException;
    }

    /**
     * What a ratio should be.
     *
     * @param most whether it is the most, otherwise the least
     */
    record Aim(boolean most, double value) {
        static Aim atLeast(double value) {
            return new Aim(false, value);
        }

        static Aim atMost(double value) {
            return new Aim(true, value);
        }

        String verdict(double ratio) {
            boolean reached = most ? ratio <= value : ratio >= value;
            return String.format(
                    Locale.ROOT,
                    "aim at %s %s: %s",
                    most ? "most" : "least",
                    value == Math.rint(value) && value > 1 ? String.valueOf((long) value) : "%.2f".formatted(value),
                    reached ? "reached" : "missed");
        }
    }

    /**
     * A measured figure.
     *
     * @param name with its unit
     */
    record Figure(String name, ToDoubleFunction<LoadResult> of) {}

    void add(String name, Side side) {
        sides.put(name, side);
        results.put(name, new ArrayList<>());
    }

    void measure(int rounds, Duration warmUp, Duration length)
            throws IOException, InterruptedException, ExecutionException {
        List<String> names = List.copyOf(sides.keySet());
        for (int round = -1; round < rounds; round++) {
            for (int turn = 0; turn < names.size(); turn++) {
                String name = names.get((turn + round + 1) % names.size());
                LoadResult result = sides.get(name).measure(round, round < 0 ? warmUp : length);
                if (round >= 0) {
                    results.get(name).add(result);
                }
            }
        }
    }

    boolean has(String side) {
        return results.containsKey(side);
    }

    double median(String side, ToDoubleFunction<LoadResult> figure) {
        return median(values(side, figure));
    }

    /** The least value of all rounds. */
    double least(String side, ToDoubleFunction<LoadResult> figure) {
        return values(side, figure)[0];
    }

    /** The greatest value of all rounds. */
    double greatest(String side, ToDoubleFunction<LoadResult> figure) {
        double[] values = values(side, figure);
        return values[values.length - 1];
    }

    /** Number of requests in all rounds that were refused or failed. */
    int notAnswered(String side) {
        return results.get(side).stream()
                .mapToInt(result -> result.refused() + result.failures())
                .sum();
    }

    private double[] values(String side, ToDoubleFunction<LoadResult> figure) {
        return results.get(side).stream().mapToDouble(figure).sorted().toArray();
    }

    /**
     * Prints how one side compares with another, if both were measured.
     *
     * @param aim null for a ratio without one
     */
    void compare(String what, Figure figure, String side, String other, Aim aim) {
        if (!has(side) || !has(other)) {
            return;
        }
        List<LoadResult> own = results.get(side);
        double[] ratios = new double[own.size()];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] = figure.of.applyAsDouble(own.get(round))
                    / figure.of.applyAsDouble(results.get(other).get(round));
        }
        Arrays.sort(ratios);
        print(
                "%s, %s: %s %.4g, %s %.4g; ratio %.3f (%.3f to %.3f)%s",
                what,
                figure.name,
                side,
                median(side, figure.of),
                other,
                median(other, figure.of),
                median(ratios),
                ratios[0],
                ratios[ratios.length - 1],
                aim == null ? "" : "; " + aim.verdict(median(ratios)));
    }

    /** Prints a line of the result. */
    static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, "BENCH " + format + "%n", values);
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
