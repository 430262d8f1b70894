package dev.loupe.vision.recipe.patchcore;

import dev.loupe.vision.training.Progress;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/**
 * Selects a few vectors that represent all: each next one is farthest from those selected so far (greedy k-center).
 *
 * <p>Source: Roth et al., "Towards Total Recall in Industrial Anomaly Detection", CVPR 2022, algorithm 1. The distance of a
 * point to its nearest centre only falls as centres are added, so the distance to the first of them is a bound for that to
 * all: a point is compared with further centres only when its bound is the largest one (lazy evaluation, Minoux,
 * "Accelerated Greedy Algorithms for Maximizing Submodular Set Functions", 1978). What is selected is the same.
 */
final class Coreset {
    private static final int REPORT_EVERY = 50;
    /** Comparisons of points between two looks at whether the work is cancelled. */
    private static final int CHECK_EVERY = 1 << 14;
    /** Number of dimensions between two checks whether the distance already exceeds the limit. */
    private static final int CHUNK = 16;
    /** Centres that a point is compared with at least, if there are as many: less than a place in the heap costs. */
    private static final int FEWEST = 8;

    private final Patches points;
    private final int[] centres;
    /** The vectors of the centres, one after the other. */
    private final float[] values;
    /** Squared distance of each point to the nearest of the centres that it was compared with. */
    private final float[] nearest;
    /** Number of centres that each point was compared with. */
    private final int[] compared;
    /** The points; the one with the largest bound is first, of equal ones that with the lower number. */
    private final int[] heap;

    private int chosen;

    private Coreset(Patches points, int size) {
        this.points = points;
        this.centres = new int[size];
        this.values = new float[size * points.size()];
        this.nearest = new float[points.count()];
        Arrays.fill(nearest, Float.POSITIVE_INFINITY);
        this.compared = new int[points.count()];
        this.heap = new int[points.count()];
        Arrays.setAll(heap, point -> point);
    }

    /**
     * Selects rows.
     *
     * @param patches rows to select from, at least {@code size}
     * @param size number of rows to select
     * @return the indices of the rows, in the order of selection
     * @throws dev.loupe.vision.training.CancelledException if {@code progress} is cancelled
     */
    static int[] choose(Patches patches, int size, long seed, Progress progress) {
        if (size < 1 || size > patches.count()) {
            throw new IllegalArgumentException("can't choose " + size + " of " + patches.count() + " vectors");
        }
        return new Coreset(patches, size).run(new Random(seed), progress);
    }

    private int[] run(Random random, Progress progress) {
        choose(random.nextInt(points.count()));
        for (int comparisons = 0; ; comparisons++) {
            if (comparisons % CHECK_EVERY == 0) {
                progress.check();
            }
            if (chosen == centres.length) {
                progress.report("coreset", chosen, centres.length, Map.of());
                return centres;
            }
            int farthest = heap[0];
            if (compared[farthest] == chosen) {
                if (chosen % REPORT_EVERY == 0) {
                    progress.report("coreset", chosen, centres.length, Map.of());
                }
                choose(farthest);
            } else {
                compare(farthest);
                sink();
            }
        }
    }

    private void choose(int point) {
        System.arraycopy(points.values(), point * points.size(), values, chosen * points.size(), points.size());
        centres[chosen] = point;
        chosen++;
    }

    /** Compares a point with further centres, until it is nearer to one of them than the next point may be. */
    private void compare(int point) {
        float next = Math.max(bound(1), bound(2));
        float least = nearest[point];
        int centre = compared[point];
        int fewest = Math.min(chosen, centre + FEWEST);
        while (centre < fewest || centre < chosen && least >= next) {
            least = Math.min(least, squaredDistance(point, centre, least));
            centre++;
        }
        nearest[point] = least;
        compared[point] = centre;
    }

    private float bound(int place) {
        return place < heap.length ? nearest[heap[place]] : Float.NEGATIVE_INFINITY;
    }

    /** Moves the first point of the heap to its place. */
    private void sink() {
        int point = heap[0];
        int place = 0;
        for (int child = 1; child < heap.length; child = 2 * place + 1) {
            if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) {
                child++;
            }
            if (isBefore(point, heap[child])) {
                break;
            }
            heap[place] = heap[child];
            place = child;
        }
        heap[place] = point;
    }

    private boolean isBefore(int a, int b) {
        return nearest[a] > nearest[b] || nearest[a] == nearest[b] && a < b;
    }

    /** Returns the squared distance of a point to a centre, or any value above the limit if it exceeds the limit. */
    private float squaredDistance(int point, int centre, float limit) {
        float[] all = points.values();
        int size = points.size();
        int i = point * size;
        int j = centre * size;
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
                float d0 = all[i] - values[j];
                float d1 = all[i + 1] - values[j + 1];
                float d2 = all[i + 2] - values[j + 2];
                float d3 = all[i + 3] - values[j + 3];
                sum0 += d0 * d0;
                sum1 += d1 * d1;
                sum2 += d2 * d2;
                sum3 += d3 * d3;
            }
            for (; i < stop; i++, j++) {
                float d = all[i] - values[j];
                sum0 += d * d;
            }
            sum += sum0 + sum1 + sum2 + sum3;
        }
        return sum;
    }
}
