package dev.loupe.tests.path;

import java.util.Arrays;

/**
 * What a load has measured.
 *
 * @param answers number of predictions
 * @param seconds wall time
 * @param processor seconds of processor time that the server took
 * @param latencies of the answers in milliseconds, ascending; empty where there is no client
 * @param answersOfCallers number of answers to each caller; empty where there are no callers
 * @param refused number of requests that the server was too busy for
 * @param failures number of requests that were not answered otherwise
 */
record LoadResult(
        int answers,
        double seconds,
        double processor,
        double[] latencies,
        int[] answersOfCallers,
        int refused,
        int failures) {
    /** Of work without a client. */
    static LoadResult of(int answers, double seconds, double processor) {
        return new LoadResult(answers, seconds, processor, new double[0], new int[0], 0, 0);
    }

    double perSecond() {
        return answers / seconds;
    }

    double perProcessorSecond() {
        return answers / processor;
    }

    double processorMilliseconds() {
        return 1e3 * processor / answers;
    }

    double median() {
        return percentile(50);
    }

    /** Milliseconds within which 99 of 100 answers came. */
    double p99() {
        return percentile(99);
    }

    private double percentile(int percent) {
        return latencies.length == 0
                ? Double.NaN
                : latencies[Math.min(latencies.length - 1, latencies.length * percent / 100)];
    }

    /** Answers to the caller who got the fewest, as a share of the mean. */
    double leastShare() {
        return Arrays.stream(answersOfCallers).min().orElse(0)
                / Arrays.stream(answersOfCallers).average().orElse(1);
    }
}
