package dev.loupe.dataset.finding;

import java.util.function.IntPredicate;

/**
 * Finds hashes of 64 bits that differ in few bits, by multi-index hashing (Norouzi, Punjani and Fleet, CVPR 2012). Each
 * hash is divided into four bands of 16 bits. If at most seven bits differ, at most one bit differs in some band, so the
 * candidates are in the buckets of that band's value and of its 16 neighbours.
 *
 * <p>A query looks up 68 buckets. Of n hashes that are spread evenly, these hold n / 964: about 100 of 100,000. All
 * queries of n hashes compare n² / 964 pairs, 10 million at 100,000 hashes. Hashes that are alike are in the same
 * buckets; {@link #forEachNear} lets the caller stop when it has found enough. Immutable.
 */
final class HashIndex {
    /** Greatest number of differing bits that is found. */
    static final int MAX_DISTANCE = 7;

    private static final int BANDS = 4;
    private static final int BAND_BITS = 16;
    private static final int BUCKETS = 1 << BAND_BITS;

    private final long[] hashes;
    /** For each band, the positions of the hashes, ordered by the value of the band. */
    private final int[][] members = new int[BANDS][];
    /** For each band and value, the first of its members. */
    private final int[][] starts = new int[BANDS][];

    HashIndex(long[] hashes) {
        this.hashes = hashes.clone();
        for (int band = 0; band < BANDS; band++) {
            sort(band);
        }
    }

    private void sort(int band) {
        int[] start = new int[BUCKETS + 1];
        for (long hash : hashes) {
            start[value(hash, band) + 1]++;
        }
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            start[bucket + 1] += start[bucket];
        }
        int[] next = start.clone();
        int[] sorted = new int[hashes.length];
        for (int i = 0; i < hashes.length; i++) {
            sorted[next[value(hashes[i], band)]++] = i;
        }
        starts[band] = start;
        members[band] = sorted;
    }

    private static int value(long hash, int band) {
        return (int) (hash >>> band * BAND_BITS) & BUCKETS - 1;
    }

    /**
     * Passes each hash that is near another one to an action, once, until the action returns false.
     *
     * @param position position of the other hash, which is not passed itself
     * @param distance greatest number of differing bits, 0 to {@value #MAX_DISTANCE}
     * @param action gets the position of a near hash; returns whether to go on
     */
    void forEachNear(int position, int distance, IntPredicate action) {
        long hash = hashes[position];
        for (int band = 0; band < BANDS; band++) {
            int value = value(hash, band);
            if (!visit(band, value, position, distance, action)) {
                return;
            }
            // With fewer differing bits than bands, some band has none.
            for (int bit = 0; distance >= BANDS && bit < BAND_BITS; bit++) {
                if (!visit(band, value ^ 1 << bit, position, distance, action)) {
                    return;
                }
            }
        }
    }

    private boolean visit(int band, int bucket, int position, int distance, IntPredicate action) {
        long hash = hashes[position];
        for (int at = starts[band][bucket]; at < starts[band][bucket + 1]; at++) {
            int other = members[band][at];
            long difference = hash ^ hashes[other];
            if (other != position
                    && Long.bitCount(difference) <= distance
                    && isFirst(difference, band, distance)
                    && !action.test(other)) {
                return false;
            }
        }
        return true;
    }

    /** Whether no earlier band leads to the same hash. */
    private static boolean isFirst(long difference, int band, int distance) {
        int reach = distance >= BANDS ? 1 : 0;
        for (int earlier = 0; earlier < band; earlier++) {
            if (Integer.bitCount(value(difference, earlier)) <= reach) {
                return false;
            }
        }
        return true;
    }
}
