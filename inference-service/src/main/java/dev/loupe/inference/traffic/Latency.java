package dev.loupe.inference.traffic;

import java.util.Map;
import java.util.TreeMap;

/** Durations in buckets, eight for each doubling: a percentile is too large by at most 9 %. */
final class Latency {
    private static final int PER_DOUBLING = 8;
    private static final double NANOS_PER_MICRO = 1e3;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double MICROS_PER_MILLI = 1e3;

    private Latency() {}

    /** The bucket of a duration. */
    static int bucket(double nanos) {
        double micros = Math.max(1, nanos / NANOS_PER_MICRO);
        return (int) (PER_DOUBLING * Math.log(micros) / Math.log(2));
    }

    /** How many durations are longer than this, those in its own bucket not among them. */
    static long longerThan(Map<Integer, Long> buckets, double millis) {
        int limit = bucket(millis * NANOS_PER_MILLI);
        return buckets.entrySet().stream()
                .filter(bucket -> bucket.getKey() > limit)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /**
     * The upper limit of the bucket that has the percentile, in milliseconds; NaN without durations.
     *
     * @param buckets number of durations by bucket
     * @param percentile 0..1
     */
    static double millis(Map<Integer, Long> buckets, double percentile) {
        long all = buckets.values().stream().mapToLong(Long::longValue).sum();
        long rank = (long) Math.ceil(percentile * all);
        long seen = 0;
        for (Map.Entry<Integer, Long> bucket : new TreeMap<>(buckets).entrySet()) {
            seen += bucket.getValue();
            if (seen >= rank) {
                return Math.pow(2, (bucket.getKey() + 1.0) / PER_DOUBLING) / MICROS_PER_MILLI;
            }
        }
        return Double.NaN;
    }
}
