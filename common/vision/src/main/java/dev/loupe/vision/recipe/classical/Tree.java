package dev.loupe.vision.recipe.classical;

/**
 * A decision tree. A non-negative child is a decision, a negative one the leaf {@code -1 - child}.
 *
 * @param root the first decision, or a leaf
 * @param features feature that each decision compares
 * @param thresholds values up to which a feature goes left
 * @param left child of a feature up to the threshold
 * @param right child of a feature above it
 * @param leaves share of each class in each leaf
 * @param depth most decisions from the root to a leaf
 */
record Tree(int root, int[] features, float[] thresholds, int[] left, int[] right, float[][] leaves, int depth) {
    /** The shares of the classes in the leaf of these features. */
    float[] leaf(float[] row) {
        int place = root;
        while (place >= 0) {
            place = row[features[place]] <= thresholds[place] ? left[place] : right[place];
        }
        return leaves[-1 - place];
    }
}
