package dev.loupe.vision.recipe.classical;

import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.training.TrainingJob;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The mean of the class shares of one or more decision trees. */
record Forest(List<Tree> trees, int classes) implements FittedClassifier {

    /** One tree of all images and all features. */
    static Forest tree(Examples examples, ClassicalParameters parameters, TrainingJob job) {
        job.progress().check();
        TreeGrower grower =
                new TreeGrower(examples, parameters.maxDepth(), parameters.minLeaf(), examples.width(), null);
        return new Forest(List.of(grower.grow(examples.all())), examples.classes());
    }

    /**
     * Trees each of which is grown on as many images, drawn with replacement, and compares a random choice of
     * {@code sqrt(features)} features at each decision.
     */
    static Forest random(Examples examples, ClassicalParameters parameters, TrainingJob job) {
        int tried = Math.max(1, (int) Math.sqrt(examples.width()));
        List<Tree> trees = Parallel.map(
                parameters.trees(),
                job.threads(),
                job.progress(),
                done -> job.progress().report("train", done, parameters.trees(), Map.of()),
                number -> {
                    Random random = new Random(job.seed() * 1_000_003 + number);
                    int[] drawn =
                            random.ints(examples.size(), 0, examples.size()).toArray();
                    return new TreeGrower(examples, parameters.maxDepth(), parameters.minLeaf(), tried, random)
                            .grow(drawn);
                });
        return new Forest(trees, examples.classes());
    }

    @Override
    public double[] scores(float[] features) {
        double[] sums = new double[classes];
        for (Tree tree : trees) {
            float[] leaf = tree.leaf(features);
            for (int c = 0; c < classes; c++) {
                sums[c] += leaf[c];
            }
        }
        return Arrays.stream(sums).map(sum -> sum / trees.size()).toArray();
    }

    /**
     * Appends all trees at once, with plain operators: the place in each tree starts at the root and moves to a child as
     * often as the trees are deep. A leaf is its own child. Leaves of equal shares are one.
     */
    @Override
    public String append(OnnxGraph graph, String features) {
        Table table = new Table();
        long[] roots = trees.stream().mapToLong(table::add).toArray();
        String tested = graph.integers("tree_features", table.features());
        String thresholds = graph.floats("tree_thresholds", table.thresholds(), table.size());
        String left = graph.integers("tree_left", table.children(0));
        String right = graph.integers("tree_right", table.children(1));
        String batch = graph.slice(graph.node("Shape", List.of(features)), 0, 0, 1);
        String shape = graph.node(
                "Concat", List.of(batch, graph.integers("trees", roots.length)), OnnxAttribute.of("axis", 0));
        String place = graph.node("Expand", List.of(graph.integers("roots", roots), shape));
        int depth = trees.stream().mapToInt(Tree::depth).max().orElse(0);
        for (int i = 0; i < depth; i++) {
            String values = graph.node(
                    "GatherElements",
                    List.of(features, graph.node("Gather", List.of(tested, place))),
                    OnnxAttribute.of("axis", 1));
            String below = graph.node("LessOrEqual", List.of(values, graph.node("Gather", List.of(thresholds, place))));
            place = graph.node(
                    "Where",
                    List.of(
                            below,
                            graph.node("Gather", List.of(left, place)),
                            graph.node("Gather", List.of(right, place))));
        }
        String leaf = graph.node("Sub", List.of(place, graph.integers("first_leaf", table.decisions())));
        String shares = graph.floats("leaf_shares", table.shares(), table.leaves(), classes);
        return graph.reduce("ReduceMean", graph.node("Gather", List.of(shares, leaf)), false, 1);
    }

    /** The decisions of all trees, then their leaves. */
    private final class Table {
        private final int decisions =
                trees.stream().mapToInt(tree -> tree.features().length).sum();
        private final List<long[]> nodes = new ArrayList<>();
        private final List<Float> limits = new ArrayList<>();
        private final Map<List<Float>, Integer> leafNumbers = new LinkedHashMap<>();

        /** Adds a tree; returns the place of its root. */
        long add(Tree tree) {
            int first = nodes.size();
            for (int i = 0; i < tree.features().length; i++) {
                nodes.add(new long[] {
                    place(tree, first, tree.left()[i]), place(tree, first, tree.right()[i]), tree.features()[i]
                });
                limits.add(tree.thresholds()[i]);
            }
            return place(tree, first, tree.root());
        }

        private long place(Tree tree, int first, int child) {
            if (child >= 0) {
                return first + child;
            }
            List<Float> shares = new ArrayList<>();
            for (float share : tree.leaves()[-1 - child]) {
                shares.add(share);
            }
            int number = leafNumbers.computeIfAbsent(shares, unknown -> leafNumbers.size());
            return decisions + number;
        }

        int decisions() {
            return decisions;
        }

        int leaves() {
            return leafNumbers.size();
        }

        int size() {
            return decisions + leaves();
        }

        long[] features() {
            long[] features = new long[size()];
            Arrays.setAll(features, i -> i < decisions ? nodes.get(i)[2] : 0);
            return features;
        }

        long[] children(int side) {
            long[] children = new long[size()];
            Arrays.setAll(children, i -> i < decisions ? nodes.get(i)[side] : i);
            return children;
        }

        float[] thresholds() {
            float[] thresholds = new float[size()];
            for (int i = 0; i < decisions; i++) {
                thresholds[i] = limits.get(i);
            }
            return thresholds;
        }

        float[] shares() {
            float[] shares = new float[leaves() * classes];
            leafNumbers.forEach((leaf, number) -> {
                for (int c = 0; c < classes; c++) {
                    shares[number * classes + c] = leaf.get(c);
                }
            });
            return shares;
        }
    }
}
