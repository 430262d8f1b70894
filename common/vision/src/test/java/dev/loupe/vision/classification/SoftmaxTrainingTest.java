package dev.loupe.vision.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.vision.classification.SoftmaxTraining.Plan;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.training.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SoftmaxTrainingTest {
    private static final int EXAMPLES = 90;
    private static final int FEATURES = 4;
    private static final int CLASSES = 3;
    private static final double PENALTY = 0.05;

    /** Printed by src/test/python/logistic_reference.py, scikit-learn 1.9.1. */
    private static final Map<Integer, double[]> REFERENCE = Map.of(
            0, new double[] {0.842115, 0.053906, 0.103979},
            1, new double[] {0.031965, 0.949316, 0.018719},
            2, new double[] {0.250896, 0.206550, 0.542555},
            30, new double[] {0.984083, 0.003850, 0.012067},
            61, new double[] {0.056265, 0.815123, 0.128612},
            89, new double[] {0.596232, 0.020033, 0.383736});

    @Test
    void aLinearHeadFindsTheOptimumThatScikitLearnFinds() {
        FeatureExamples examples = examples();
        Net head = Net.linear(FEATURES, CLASSES);
        Plan plan = new Plan(400, EXAMPLES, .1, PENALTY, 400, 0);
        TrainingState trained = new SoftmaxTraining(head, examples, none(examples), plan, Progress.NONE)
                .run(TrainingState.initial(head.initialWeights(0)), state -> {});

        assertEquals(400, trained.best().epoch());
        REFERENCE.forEach((index, expected) -> {
            double[] actual = probabilities(examples, index, trained.weights());
            for (int c = 0; c < CLASSES; c++) {
                assertEquals(expected[c], actual[c], 1e-3, "example " + index + ", class " + c);
            }
        });
    }

    /** Two features whose product has the sign of the class: exclusive or. */
    @Test
    void perceptronSeparatesWhatALinearHeadCannot() {
        List<float[]> rows = new ArrayList<>();
        int[] labels = new int[200];
        Random random = new Random(5);
        for (int i = 0; i < labels.length; i++) {
            rows.add(new float[] {(float) random.nextGaussian(), (float) random.nextGaussian()});
            labels[i] = rows.get(i)[0] * rows.get(i)[1] > 0 ? 1 : 0;
        }
        FeatureExamples all = new FeatureExamples(rows, labels, Standardisation.of(rows));
        int[] indices = IntStream.range(0, labels.length).toArray();
        FeatureExamples train = all.subset(Arrays.copyOf(indices, 120));
        FeatureExamples dev = all.subset(Arrays.copyOfRange(indices, 120, labels.length));

        assertTrue(devAccuracy(Net.linear(2, 2), train, dev) <= .65);
        assertTrue(devAccuracy(Net.perceptron(2, 16, 0, 2), train, dev) >= .95);
    }

    private static double devAccuracy(Net net, FeatureExamples train, FeatureExamples dev) {
        Plan plan = new Plan(100, 16, .03, 1e-3, 100, 0);
        return new SoftmaxTraining(net, train, dev, plan, Progress.NONE)
                .run(TrainingState.initial(net.initialWeights(0)), _ -> {})
                .best()
                .accuracy();
    }

    @Test
    void trainingEndsWhenDevHasNotBecomeBetterForLong() {
        FeatureExamples examples = examples();
        Net head = Net.linear(FEATURES, CLASSES);
        Plan plan = new Plan(2000, 16, .1, PENALTY, 5, 0);
        TrainingState trained = new SoftmaxTraining(head, examples, examples, plan, Progress.NONE)
                .run(TrainingState.initial(head.initialWeights(0)), state -> {});

        assertEquals(5, trained.epoch() - trained.best().epoch());
        assertTrue(trained.epoch() < 2000);
    }

    @Test
    void rangeTestFindsLearningRateThatLearnsWhereTheGivenOneDoesNot() {
        TrainingState without = trainedWithRate(1e-9, false);
        TrainingState with = trainedWithRate(1e-9, true);

        assertTrue(
                with.best().loss() < .5 * without.best().loss(),
                "loss " + with.best().loss() + ", control " + without.best().loss());
        assertTrue(with.foundRate() > 1e-4 && with.foundRate() <= .1, "learning rate " + with.foundRate());
        assertTrue(Double.isNaN(without.foundRate()));
    }

    @Test
    void resumedTrainingKeepsTheLearningRateThatWasFound() {
        FeatureExamples examples = examples();
        List<TrainingState> states = new ArrayList<>();
        training(1e-9, true, examples).run(initial(), states::add);
        TrainingState resumed = training(1e-9, true, examples).run(states.get(4), state -> {});

        assertEquals(states.getLast().foundRate(), resumed.foundRate());
        for (int i = 0; i < resumed.weights().size(); i++) {
            assertArrayEquals(
                    states.getLast().weights().get(i), resumed.weights().get(i));
        }
    }

    private static TrainingState trainedWithRate(double rate, boolean find) {
        return training(rate, find, examples()).run(initial(), state -> {});
    }

    private static SoftmaxTraining training(double rate, boolean find, FeatureExamples examples) {
        Plan plan = new Plan(
                20,
                16,
                20,
                0,
                OptimizerSettings.adam(rate, 0),
                LearningRateSchedule.cosine(),
                ClassLoss.PLAIN,
                find,
                0);
        return new SoftmaxTraining(Net.linear(FEATURES, CLASSES), examples, examples, plan, Progress.NONE);
    }

    private static TrainingState initial() {
        return TrainingState.initial(Net.linear(FEATURES, CLASSES).initialWeights(0));
    }

    private static FeatureExamples examples() {
        List<float[]> rows = new ArrayList<>();
        int[] labels = new int[EXAMPLES];
        for (int i = 0; i < EXAMPLES; i++) {
            labels[i] = i % CLASSES;
            float[] row = new float[FEATURES];
            for (int d = 0; d < FEATURES; d++) {
                row[d] = (float) (Math.sin(1.7 * i * (d + 1)) + .8 * Math.cos(labels[i] * (d + 1.0)));
            }
            rows.add(row);
        }
        return new FeatureExamples(rows, labels, Standardisation.of(rows));
    }

    private static FeatureExamples none(FeatureExamples others) {
        return new FeatureExamples(List.of(), new int[0], others.standardisation());
    }

    private static double[] probabilities(FeatureExamples examples, int index, List<float[]> weights) {
        float[] row = new float[FEATURES];
        examples.write(index, null, row, 0);
        double[] scores = new double[CLASSES];
        double sum = 0;
        for (int c = 0; c < CLASSES; c++) {
            double score = weights.get(1)[c];
            for (int d = 0; d < FEATURES; d++) {
                score += weights.get(0)[c * FEATURES + d] * row[d];
            }
            scores[c] = Math.exp(score);
            sum += scores[c];
        }
        for (int c = 0; c < CLASSES; c++) {
            scores[c] /= sum;
        }
        return scores;
    }
}
