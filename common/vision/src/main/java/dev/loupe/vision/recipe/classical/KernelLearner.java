package dev.loupe.vision.recipe.classical;

import dev.loupe.vision.training.TrainingJob;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import libsvm.svm;
import libsvm.svm_model;
import libsvm.svm_node;
import libsvm.svm_parameter;
import libsvm.svm_problem;

/**
 * Support vector machines with the kernel {@code exp(-gamma |x - y|²)}, one class against all others, by LIBSVM. All
 * problems share one matrix of kernels, which needs 16 bytes for each pair of images. Deterministic.
 *
 * <p>Source: Chang and Lin, "LIBSVM: A Library for Support Vector Machines", ACM TIST 2(3), 2011.
 */
final class KernelLearner implements MarginLearner {
    private static final double TOLERANCE = 1e-3;
    private static final int CACHE_MEGABYTES = 40;
    /** Bytes of a reference, half a node and half a distance. */
    private static final int BYTES_PER_PAIR = 18;

    static {
        svm.svm_set_print_string_function(text -> {});
    }

    private final Examples examples;
    private final TrainingJob job;
    /** The squared distance of example i to example j, for j up to i. */
    private final float[][] distances;
    /** For each example its number, then its kernel with each example. */
    private final svm_node[][] kernels;

    private double gamma = Double.NaN;

    KernelLearner(Examples examples, TrainingJob job) {
        requireMemory(examples.size(), Runtime.getRuntime().maxMemory());
        this.examples = examples;
        this.job = job;
        int size = examples.size();
        distances = Parallel.map(size, job.threads(), job.progress(), done -> {}, this::distances)
                .toArray(float[][]::new);
        kernels = new svm_node[size][size + 1];
        for (int i = 0; i < size; i++) {
            kernels[i][0] = node(i + 1);
            for (int j = 0; j <= i; j++) {
                kernels[i][j + 1] = node(1);
                kernels[j][i + 1] = kernels[i][j + 1];
            }
        }
    }

    /** @throws IllegalArgumentException if the kernels of this number of images need most of the memory */
    static void requireMemory(int images, long memory) {
        long needed = (long) BYTES_PER_PAIR * images * images;
        if (needed > memory / 2) {
            throw new IllegalArgumentException("rbf-svm: the kernels of " + images + " TRAIN images need "
                    + (needed >> 20) + " MiB, and half of the trainer's memory is " + (memory >> 21)
                    + " MiB: use linear-svm, or a trainer with more memory");
        }
    }

    private float[] distances(int i) {
        float[] row = new float[i + 1];
        for (int j = 0; j < i; j++) {
            row[j] = (float) Vectors.squaredDistance(examples.rows()[i], examples.rows()[j]);
        }
        return row;
    }

    private static svm_node node(double value) {
        svm_node node = new svm_node();
        node.value = value;
        return node;
    }

    /** The gamma that scikit-learn calls "scale": 1 / (features x variance of all values). */
    static double scale(Examples examples) {
        double sum = 0;
        double squares = 0;
        long count = (long) examples.size() * examples.width();
        for (float[] row : examples.rows()) {
            for (float value : row) {
                sum += value;
                squares += (double) value * value;
            }
        }
        double variance = squares / count - sum / count * (sum / count);
        return variance > 0 ? 1 / (examples.width() * variance) : 1;
    }

    @Override
    public FittedClassifier fit(int[] chosen, Penalty penalty) {
        useGamma(penalty.gamma());
        List<Sum> sums = BinaryProblems.solve(
                examples.classes(), job, positive -> solve(chosen, positive, penalty.c()), Sum::negated);
        BitSet used = new BitSet();
        sums.forEach(sum -> IntStream.range(0, chosen.length)
                .filter(i -> sum.weights[i] != 0)
                .forEach(used::set));
        int[] vectors = used.stream().toArray();
        float[][] weights = new float[sums.size()][vectors.length];
        float[] biases = new float[sums.size()];
        for (int c = 0; c < biases.length; c++) {
            Sum sum = sums.get(c);
            for (int i = 0; i < vectors.length; i++) {
                weights[c][i] = (float) sum.weights[vectors[i]];
            }
            biases[c] = (float) sum.bias;
        }
        float[][] rows =
                Arrays.stream(vectors).mapToObj(i -> examples.rows()[chosen[i]]).toArray(float[][]::new);
        return new KernelClassifier(rows, weights, biases, penalty.gamma());
    }

    private void useGamma(double wanted) {
        if (wanted == gamma) {
            return;
        }
        for (int i = 0; i < distances.length; i++) {
            for (int j = 0; j <= i; j++) {
                kernels[i][j + 1].value = Math.exp(-wanted * distances[i][j]);
            }
        }
        gamma = wanted;
    }

    /** Weights of the chosen examples, and a bias. */
    private record Sum(double[] weights, double bias) {
        Sum negated() {
            return new Sum(Arrays.stream(weights).map(weight -> -weight).toArray(), -bias);
        }
    }

    private Sum solve(int[] chosen, int positive, double c) {
        svm_problem problem = new svm_problem();
        problem.l = chosen.length;
        problem.x = Arrays.stream(chosen).mapToObj(i -> kernels[i]).toArray(svm_node[][]::new);
        problem.y = Arrays.stream(chosen)
                .mapToDouble(i -> examples.labels()[i] == positive ? 1 : -1)
                .toArray();
        svm_parameter parameter = new svm_parameter();
        parameter.svm_type = svm_parameter.C_SVC;
        parameter.kernel_type = svm_parameter.PRECOMPUTED;
        parameter.C = c;
        parameter.eps = TOLERANCE;
        parameter.cache_size = CACHE_MEGABYTES;
        parameter.shrinking = 1;
        svm_model model = svm.svm_train(problem, parameter);
        double[] weights = new double[chosen.length];
        for (int i = 0; i < model.l; i++) {
            weights[model.sv_indices[i] - 1] = model.sv_coef[0][i];
        }
        Sum sum = new Sum(weights, -model.rho[0]);
        // The weights are those of the class that it saw first.
        return model.label[0] == 1 ? sum : sum.negated();
    }
}
