package dev.loupe.vision.recipe.patchcore;

import dev.loupe.vision.training.Progress;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;

/**
 * Selects a few vectors that represent all: each next one is farthest from those selected so far (greedy k-center).
 *
 * <p>Source: Roth et al., "Towards Total Recall in Industrial Anomaly Detection", CVPR 2022, algorithm 1. If a point's
 * distance to its nearest centre is at most half the distance of that centre to the newest centre, the point keeps its
 * centre by the triangle inequality, and its distance is not computed (Elkan, "Using the Triangle Inequality to
 * Accelerate k-Means", ICML 2003, lemma 1).
 */
final class Coreset {
    private static final int REPORT_EVERY = 50;
    /** Number of dimensions between two checks whether the distance already exceeds the limit. */
    private static final int CHUNK = 16;

    private final Patches points;
    private final int[] centres;
    private final float[] nearest;
    private final int[] assigned;
    /** A quarter of the squared distance of each centre to the newest one. */
    private final float[] quarterToNewest;

    private final Segment[] segments;
    private int chosen;

    /** The points that one thread processes, and the farthest of them. */
    private static final class Segment {
        private final int start;
        private final int end;
        private int farthest;

        Segment(int start, int end) {
            this.start = start;
            this.end = end;
        }
    }

    private Coreset(Patches points, int size, int threads) {
        this.points = points;
        this.centres = new int[size];
        this.nearest = new float[points.count()];
        Arrays.fill(nearest, Float.POSITIVE_INFINITY);
        this.assigned = new int[points.count()];
        this.quarterToNewest = new float[size];
        this.segments = new Segment[threads];
        for (int i = 0; i < threads; i++) {
            segments[i] = new Segment(
                    (int) ((long) points.count() * i / threads), (int) ((long) points.count() * (i + 1) / threads));
        }
    }

    /**
     * Selects rows.
     *
     * @param patches rows to select from, at least {@code size}
     * @param size number of rows to select
     * @return the indices of the rows, in the order of selection
     * @throws dev.loupe.vision.training.CancelledException if {@code progress} is cancelled
     */
    static int[] choose(Patches patches, int size, long seed, int threads, Progress progress) {
        if (size < 1 || size > patches.count()) {
            throw new IllegalArgumentException("can't choose " + size + " of " + patches.count() + " vectors");
        }
        return new Coreset(patches, size, Math.min(threads, patches.count())).run(new Random(seed), progress);
    }

    private int[] run(Random random, Progress progress) {
        Phaser step = new Phaser(1);
        centres[0] = random.nextInt(points.count());
        try (ExecutorService workers = Executors.newFixedThreadPool(
                segments.length,
                Thread.ofPlatform().name("coreset-", 0).daemon().factory())) {
            while (true) {
                if (chosen % REPORT_EVERY == 0) {
                    progress.check();
                    progress.report("coreset", chosen, centres.length, Map.of());
                }
                if (chosen + 1 == centres.length) {
                    progress.report("coreset", centres.length, centres.length, Map.of());
                    return centres;
                }
                measureCentres();
                step.bulkRegister(segments.length);
                for (Segment segment : segments) {
                    workers.execute(() -> {
                        try {
                            update(segment);
                        } finally {
                            step.arriveAndDeregister();
                        }
                    });
                }
                step.arriveAndAwaitAdvance();
                chosen++;
                centres[chosen] = farthest();
            }
        }
    }

    private void measureCentres() {
        for (int i = 0; i < chosen; i++) {
            quarterToNewest[i] = squaredDistance(centres[i], centres[chosen], Float.POSITIVE_INFINITY) / 4;
        }
    }

    private void update(Segment segment) {
        int newest = centres[chosen];
        segment.farthest = segment.start;
        for (int i = segment.start; i < segment.end; i++) {
            if (chosen == 0 || quarterToNewest[assigned[i]] < nearest[i]) {
                float distance = squaredDistance(i, newest, nearest[i]);
                if (distance < nearest[i]) {
                    nearest[i] = distance;
                    assigned[i] = chosen;
                }
            }
            if (nearest[i] > nearest[segment.farthest]) {
                segment.farthest = i;
            }
        }
    }

    private int farthest() {
        int best = segments[0].farthest;
        for (Segment segment : segments) {
            if (nearest[segment.farthest] > nearest[best]) {
                best = segment.farthest;
            }
        }
        return best;
    }

    /** Returns the squared distance of two points, or any value above the limit if it exceeds the limit. */
    private float squaredDistance(int a, int b, float limit) {
        float[] values = points.values();
        int size = points.size();
        int i = a * size;
        int j = b * size;
        int end = i + size;
        float sum = 0;
        while (i < end && sum <= limit) {
            int stop = Math.min(i + CHUNK, end);
            // Four sums: with a single one, each addition would wait for the previous one.
            float sum0 = 0;
            float sum1 = 0;
            float sum2 = 0;
            float sum3 = 0;
            for (; i + 3 < stop; i += 4, j += 4) {
                float d0 = values[i] - values[j];
                float d1 = values[i + 1] - values[j + 1];
                float d2 = values[i + 2] - values[j + 2];
                float d3 = values[i + 3] - values[j + 3];
                sum0 += d0 * d0;
                sum1 += d1 * d1;
                sum2 += d2 * d2;
                sum3 += d3 * d3;
            }
            for (; i < stop; i++, j++) {
                float d = values[i] - values[j];
                sum0 += d * d;
            }
            sum += sum0 + sum1 + sum2 + sum3;
        }
        return sum;
    }
}
