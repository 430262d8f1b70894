package dev.loupe.vision.recipe.classical;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;
import de.bwaldvogel.liblinear.Linear;
import de.bwaldvogel.liblinear.Model;
import de.bwaldvogel.liblinear.Parameter;
import de.bwaldvogel.liblinear.Problem;
import de.bwaldvogel.liblinear.SolverType;
import dev.loupe.vision.training.TrainingJob;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Logistic regression and linear support vector machines (squared hinge loss), one class against all others, by
 * LIBLINEAR's trust-region Newton method. Biases are not regularised. Deterministic.
 *
 * <p>Source: Fan et al., "LIBLINEAR: A Library for Large Linear Classification", JMLR 9, 2008.
 */
final class LinearLearner implements MarginLearner {
    private static final double TOLERANCE = 1e-4;

    static {
        Linear.disableDebugOutput();
    }

    private final Examples examples;
    private final SolverType solver;
    private final TrainingJob job;
    private final Feature[][] nodes;

    LinearLearner(Examples examples, SolverType solver, TrainingJob job) {
        this.examples = examples;
        this.solver = solver;
        this.job = job;
        this.nodes = Arrays.stream(examples.rows()).map(LinearLearner::nodes).toArray(Feature[][]::new);
    }

    private static Feature[] nodes(float[] row) {
        Feature[] nodes = new Feature[row.length + 1];
        for (int i = 0; i < row.length; i++) {
            nodes[i] = new FeatureNode(i + 1, row[i]);
        }
        nodes[row.length] = new FeatureNode(row.length + 1, 1);
        return nodes;
    }

    @Override
    public FittedClassifier fit(int[] chosen, Penalty penalty) {
        List<double[]> functions = BinaryProblems.solve(
                examples.classes(), job, positive -> solve(chosen, positive, penalty.c()), LinearLearner::negated);
        float[][] weights = new float[examples.classes()][examples.width()];
        float[] biases = new float[examples.classes()];
        for (int c = 0; c < weights.length; c++) {
            double[] function = functions.get(c);
            for (int i = 0; i < examples.width(); i++) {
                weights[c][i] = (float) function[i];
            }
            biases[c] = (float) function[examples.width()];
        }
        return new LinearClassifier(weights, biases);
    }

    /** Weights and bias of a class against all others. */
    private double[] solve(int[] chosen, int positive, double c) {
        Problem problem = new Problem();
        problem.l = chosen.length;
        problem.n = examples.width() + 1;
        problem.bias = 1;
        problem.x = Arrays.stream(chosen).mapToObj(i -> nodes[i]).toArray(Feature[][]::new);
        problem.y = Arrays.stream(chosen)
                .mapToDouble(i -> examples.labels()[i] == positive ? 1 : -1)
                .toArray();
        Parameter parameter = new Parameter(solver, c, TOLERANCE);
        parameter.setRegularizeBias(false);
        Model model = Linear.train(problem, parameter);
        // The weights are those of the class that it saw first.
        double[] function = model.getFeatureWeights();
        return model.getLabels()[0] == 1 ? function : negated(function);
    }

    private static double[] negated(double[] function) {
        return IntStream.range(0, function.length)
                .mapToDouble(i -> -function[i])
                .toArray();
    }
}
