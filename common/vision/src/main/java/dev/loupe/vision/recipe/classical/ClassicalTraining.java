package dev.loupe.vision.recipe.classical;

import de.bwaldvogel.liblinear.SolverType;
import dev.loupe.contracts.Split;
import dev.loupe.model.Predictor;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.classification.TrainingCheckpoints;
import dev.loupe.vision.recipe.classical.MarginLearner.Penalty;
import dev.loupe.vision.recipe.transfer.Descriptions;
import dev.loupe.vision.training.TrainingJob;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Computes each image's description once, and trains a learner on it. The model is backbone, standardization and
 * learner in one graph of plain operators.
 */
final class ClassicalTraining {
    /** Standardised features are many: a linear function of them needs a strong penalty. */
    private static final double[] LINEAR_PENALTIES = {1e-4, 1e-3, 1e-2, 1e-1, 1};

    private static final double[] KERNEL_PENALTIES = {1, 10, 100};
    /** Multiples of scikit-learn's "scale". */
    private static final double[] GAMMAS = {.25, 1, 4};

    private final TrainingJob job;
    private final ClassicalParameters parameters;
    private final Descriptions descriptions;

    ClassicalTraining(TrainingJob job, ClassicalParameters parameters, TrainingCheckpoints checkpoints) {
        this.job = job;
        this.parameters = parameters;
        this.descriptions = new Descriptions(job, checkpoints);
    }

    /** Trains and returns the model file. */
    byte[] run() {
        int classes = job.labels().size();
        FittedClassifier fitted = fit(
                Examples.of(descriptions.examples(Split.TRAIN), classes),
                Examples.of(descriptions.examples(Split.DEV), classes),
                parameters,
                job);
        OnnxGraph graph = job.backbone().graph();
        graph.output(fitted.append(graph, descriptions.append(graph)), Predictor.PROBABILITIES, -1, classes);
        return graph.toBytes();
    }

    /** Trains a learner whose scores are probabilities. */
    static FittedClassifier fit(Examples train, Examples dev, ClassicalParameters parameters, TrainingJob job) {
        return switch (parameters.learner()) {
            case LOGISTIC_REGRESSION -> linear(SolverType.L2R_LR, train, dev, parameters, job);
            case LINEAR_SVM -> linear(SolverType.L2R_L2LOSS_SVC, train, dev, parameters, job);
            case RBF_SVM ->
                new PenaltyChoice(new KernelLearner(train, job), train, dev, job.progress())
                        .run(kernelPenalties(train, parameters));
            case DECISION_TREE -> Forest.tree(train, parameters, job);
            case RANDOM_FOREST -> Forest.random(train, parameters, job);
            case K_NEAREST_NEIGHBOURS -> new NearestNeighbours(train, parameters.k(), parameters.distanceWeighted());
        };
    }

    private static FittedClassifier linear(
            SolverType solver, Examples train, Examples dev, ClassicalParameters parameters, TrainingJob job) {
        List<Penalty> penalties = penalties(parameters, LINEAR_PENALTIES)
                .mapToObj(c -> new Penalty(c, 0))
                .toList();
        return new PenaltyChoice(new LinearLearner(train, solver, job), train, dev, job.progress()).run(penalties);
    }

    private static List<Penalty> kernelPenalties(Examples train, ClassicalParameters parameters) {
        double scale = KernelLearner.scale(train);
        DoubleStream gammas = parameters.gamma() != null
                ? DoubleStream.of(parameters.gamma())
                : DoubleStream.of(parameters.c() != null ? new double[] {1} : GAMMAS)
                        .map(factor -> factor * scale);
        return gammas.boxed()
                .flatMap(gamma -> penalties(parameters, KERNEL_PENALTIES).mapToObj(c -> new Penalty(c, gamma)))
                .toList();
    }

    private static DoubleStream penalties(ClassicalParameters parameters, double[] choices) {
        return parameters.c() != null ? DoubleStream.of(parameters.c()) : DoubleStream.of(choices);
    }
}
