package dev.loupe.vision.recipe.classical;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Grows a decision tree: each decision is the one with the least Gini impurity.
 *
 * <p>Source: Breiman et al., "Classification and Regression Trees", 1984; the random choice of features at each
 * decision is that of Breiman, "Random Forests", Machine Learning 45, 2001. As in scikit-learn, features that do not
 * vary among the images do not count as chosen.
 */
final class TreeGrower {
    private final Examples examples;
    private final int maxDepth;
    private final int minLeaf;
    private final int tried;
    private final Random random;
    private final int[] order;

    private final List<Integer> features = new ArrayList<>();
    private final List<Float> thresholds = new ArrayList<>();
    private final List<int[]> children = new ArrayList<>();
    private final List<float[]> leaves = new ArrayList<>();
    private int depth;

    /**
     * @param tried features to compare for each decision
     * @param random chooses the features; null: all are compared
     */
    TreeGrower(Examples examples, int maxDepth, int minLeaf, int tried, Random random) {
        this.examples = examples;
        this.maxDepth = maxDepth;
        this.minLeaf = minLeaf;
        this.tried = tried;
        this.random = random;
        this.order = new int[examples.width()];
        Arrays.setAll(order, i -> i);
    }

    /** Grows a tree on these examples; one may occur several times. */
    Tree grow(int[] chosen) {
        int root = grow(chosen, 0);
        return new Tree(
                root,
                features.stream().mapToInt(Integer::intValue).toArray(),
                floats(),
                children.stream().mapToInt(pair -> pair[0]).toArray(),
                children.stream().mapToInt(pair -> pair[1]).toArray(),
                leaves.toArray(float[][]::new),
                depth);
    }

    private float[] floats() {
        float[] values = new float[thresholds.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = thresholds.get(i);
        }
        return values;
    }

    private int grow(int[] chosen, int level) {
        depth = Math.max(depth, level);
        int[] counts = counts(chosen);
        boolean pure = Arrays.stream(counts).filter(count -> count > 0).count() == 1;
        Split split = pure || level == maxDepth || chosen.length < 2 * minLeaf ? null : best(chosen, counts);
        if (split == null) {
            return leaf(counts, chosen.length);
        }
        int decision = features.size();
        features.add(split.feature);
        thresholds.add(split.threshold);
        int[] pair = new int[2];
        children.add(pair);
        pair[0] = grow(side(chosen, split, true), level + 1);
        pair[1] = grow(side(chosen, split, false), level + 1);
        return decision;
    }

    private int[] counts(int[] chosen) {
        int[] counts = new int[examples.classes()];
        for (int i : chosen) {
            counts[examples.labels()[i]]++;
        }
        return counts;
    }

    private int leaf(int[] counts, int total) {
        float[] shares = new float[counts.length];
        for (int c = 0; c < shares.length; c++) {
            shares[c] = (float) counts[c] / total;
        }
        leaves.add(shares);
        return -leaves.size();
    }

    private int[] side(int[] chosen, Split split, boolean left) {
        return Arrays.stream(chosen)
                .filter(i -> examples.rows()[i][split.feature] <= split.threshold == left)
                .toArray();
    }

    /** @param purity sum of squared counts over the number of images, of both sides: the more, the less impure */
    private record Split(int feature, float threshold, double purity) {}

    private Split best(int[] chosen, int[] counts) {
        Split best = null;
        int varying = 0;
        long[] keys = new long[chosen.length];
        for (int i = 0; i < order.length && varying < tried; i++) {
            if (random != null) {
                int other = i + random.nextInt(order.length - i);
                int swapped = order[i];
                order[i] = order[other];
                order[other] = swapped;
            }
            int feature = order[i];
            sort(chosen, feature, keys);
            if (value(keys[0]) < value(keys[keys.length - 1])) {
                varying++;
                Split split = best(feature, keys, counts);
                best = split != null && (best == null || split.purity > best.purity) ? split : best;
            }
        }
        return best;
    }

    /** Sorts the examples by a feature: a key is the value, in a form that sorts as integers do, and the class. */
    private void sort(int[] chosen, int feature, long[] keys) {
        for (int i = 0; i < keys.length; i++) {
            int bits = Float.floatToIntBits(examples.rows()[chosen[i]][feature] + 0f);
            int sortable = bits ^ (bits >> 31 & Integer.MAX_VALUE);
            keys[i] = (long) sortable << 32 | examples.labels()[chosen[i]];
        }
        Arrays.sort(keys);
    }

    private static float value(long key) {
        int sortable = (int) (key >> 32);
        return Float.intBitsToFloat(sortable ^ (sortable >> 31 & Integer.MAX_VALUE));
    }

    private Split best(int feature, long[] keys, int[] counts) {
        int[] left = new int[counts.length];
        double leftSquares = 0;
        double rightSquares = Arrays.stream(counts)
                .mapToDouble(count -> (double) count * count)
                .sum();
        Split best = null;
        for (int i = 1; i < keys.length; i++) {
            int label = (int) keys[i - 1];
            int right = counts[label] - left[label];
            leftSquares += 2.0 * left[label] + 1;
            rightSquares -= 2.0 * right - 1;
            left[label]++;
            float below = value(keys[i - 1]);
            float above = value(keys[i]);
            if (below < above && i >= minLeaf && keys.length - i >= minLeaf) {
                double purity = leftSquares / i + rightSquares / (keys.length - i);
                if (best == null || purity > best.purity) {
                    float middle = below + (above - below) / 2;
                    best = new Split(feature, middle < above ? middle : below, purity);
                }
            }
        }
        return best;
    }
}
