package dev.loupe.vision.recipe.classical;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import de.bwaldvogel.liblinear.SolverType;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.RegionParameters;
import dev.loupe.vision.recipe.classical.MarginLearner.Penalty;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Learners against scikit-learn 1.9.1, on examples that src/test/python/classical_reference.py wrote. */
class LearnersTest {
    private static final int TRAIN = 160;
    private static final int FEATURES = 8;
    private static final int CLASSES = 4;

    private static List<String> header;
    private static List<String[]> lines;
    private static Examples train;
    private static Examples test;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream in = LearnersTest.class.getResourceAsStream("learners.csv")) {
            lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split(","))
                    .toList();
        }
        header = List.of(lines.getFirst());
        lines = lines.subList(1, lines.size());
        train = examples(lines.subList(0, TRAIN));
        test = examples(lines.subList(TRAIN, lines.size()));
    }

    private static Examples examples(List<String[]> some) {
        float[][] rows = new float[some.size()][FEATURES];
        for (int i = 0; i < rows.length; i++) {
            for (int f = 0; f < FEATURES; f++) {
                rows[i][f] = Float.parseFloat(some.get(i)[f + 1]);
            }
        }
        return new Examples(rows, labels(some, 0), CLASSES);
    }

    private static int[] labels(List<String[]> some, int column) {
        return some.stream().mapToInt(line -> Integer.parseInt(line[column])).toArray();
    }

    /** Scikit-learn's answers for the examples of the test. */
    private static int[] reference(String column) {
        return labels(lines.subList(TRAIN, lines.size()), header.indexOf(column));
    }

    private static double reference(String column, int index) {
        return Double.parseDouble(lines.get(TRAIN + index)[header.indexOf(column)]);
    }

    @ParameterizedTest
    @CsvSource({"logistic-regression, .5, logistic", "linear-svm, .5, linearSvm", "rbf-svm, 2, rbfSvm"})
    void marginsAreThoseOfScikitLearn(String learner, double c, String column) {
        MarginLearner of =
                switch (learner) {
                    case "logistic-regression" -> new LinearLearner(train, SolverType.L2R_LR, job(0, Progress.NONE));
                    case "linear-svm" -> new LinearLearner(train, SolverType.L2R_L2LOSS_SVC, job(0, Progress.NONE));
                    default -> new KernelLearner(train, job(0, Progress.NONE));
                };
        FittedClassifier fitted = of.fit(train.all(), new Penalty(c, KernelLearner.scale(train)));
        assertTrue(agreement(fitted, reference(column)) >= .99, "same predictions");
        for (int i = 0; i < test.size(); i++) {
            double[] margins = fitted.scores(test.rows()[i]);
            for (int k = 0; k < CLASSES; k++) {
                assertEquals(reference(column + k, i), margins[k], .01, "example " + i + ", class " + k);
            }
        }
    }

    @Test
    void nearestNeighboursVoteAsInScikitLearn() {
        FittedClassifier plain = fit(parameters(Learner.K_NEAREST_NEIGHBOURS, 5, false));
        int[] expected = reference("neighbours");
        for (int i = 0; i < test.size(); i++) {
            double[] shares = plain.scores(test.rows()[i]);
            assertEquals(Arrays.stream(shares).max().orElseThrow(), shares[expected[i]], 1e-9, "example " + i);
        }
        FittedClassifier weighted = fit(parameters(Learner.K_NEAREST_NEIGHBOURS, 7, true));
        assertEquals(1, agreement(weighted, reference("weightedNeighbours")));
        for (int i = 0; i < test.size(); i++) {
            double[] shares = weighted.scores(test.rows()[i]);
            for (int k = 0; k < CLASSES; k++) {
                assertEquals(reference("weighted" + k, i), shares[k], 1e-4, "example " + i + ", class " + k);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"DECISION_TREE, tree, .07", "RANDOM_FOREST, forest, .04"})
    void treesAreAsAccurateAsThoseOfScikitLearn(Learner learner, String column, double tolerance) {
        int[] expected = reference(column);
        double theirs = IntStream.range(0, expected.length)
                        .filter(i -> expected[i] == test.labels()[i])
                        .count()
                / (double) expected.length;
        FittedClassifier fitted = fit(parameters(learner));
        assertEquals(theirs, agreement(fitted, test.labels()), tolerance);
        assertEquals(1, agreement(fitted, train, train.labels()), "images that they were grown on");
    }

    @Test
    void aTreeKeepsItsLimits() {
        Tree tree = new TreeGrower(train, 3, 10, FEATURES, null).grow(train.all());
        assertEquals(3, tree.depth());
        int[] images = new int[tree.leaves().length];
        for (float[] row : train.rows()) {
            images[Arrays.asList(tree.leaves()).indexOf(tree.leaf(row))]++;
        }
        assertTrue(Arrays.stream(images).allMatch(count -> count >= 10), Arrays.toString(images));
    }

    @ParameterizedTest
    @EnumSource(Learner.class)
    void theGraphComputesTheLearnersProbabilities(Learner learner) {
        for (boolean weighted : new boolean[] {false, true}) {
            FittedClassifier fitted = fit(parameters(learner, 5, weighted));
            float[][] actual = inGraph(fitted);
            for (int i = 0; i < test.size(); i++) {
                double[] expected = fitted.scores(test.rows()[i]);
                assertEquals(1, Arrays.stream(expected).sum(), 1e-6);
                for (int k = 0; k < CLASSES; k++) {
                    assertEquals(expected[k], actual[i][k], 1e-4, learner + ", example " + i);
                }
            }
        }
    }

    private static float[][] inGraph(FittedClassifier fitted) {
        OnnxGraph graph = OnnxGraph.create("learner");
        graph.output(fitted.append(graph, graph.input("features", -1, FEATURES)), "probabilities", -1, CLASSES);
        try (OnnxSession session = new OnnxSession(graph.toBytes(), 1)) {
            float[] values = session.run(
                            Vectors.joined(test.rows()), new long[] {test.size(), FEATURES}, List.of("probabilities"))
                    .getFirst()
                    .values();
            return IntStream.range(0, test.size())
                    .mapToObj(i -> Arrays.copyOfRange(values, i * CLASSES, (i + 1) * CLASSES))
                    .toArray(float[][]::new);
        }
    }

    @ParameterizedTest
    @EnumSource(Learner.class)
    void shuffledLabelsAreNotLearned(Learner learner) {
        List<Integer> shuffled =
                new ArrayList<>(Arrays.stream(train.labels()).boxed().toList());
        Collections.shuffle(shuffled, new Random(1));
        Examples wrong = new Examples(
                train.rows(), shuffled.stream().mapToInt(Integer::intValue).toArray(), CLASSES);
        FittedClassifier fitted = ClassicalTraining.fit(wrong, none(), parameters(learner), job(0, Progress.NONE));
        double accuracy = agreement(fitted, test.labels());
        assertTrue(accuracy > .1 && accuracy < .4, learner + ": " + accuracy);
    }

    @Test
    void aSeedAlwaysGrowsTheSameForest() {
        double[] first = probabilities(1);
        assertEquals(0, distance(first, probabilities(1)));
        assertTrue(distance(first, probabilities(2)) > 0);
    }

    private static double[] probabilities(long seed) {
        FittedClassifier forest =
                ClassicalTraining.fit(train, none(), parameters(Learner.RANDOM_FOREST), job(seed, Progress.NONE));
        return forest.scores(test.rows()[0]);
    }

    private static double distance(double[] one, double[] other) {
        return IntStream.range(0, one.length)
                .mapToDouble(i -> Math.abs(one[i] - other[i]))
                .sum();
    }

    @Test
    void penaltyAndGammaAreChosenOnDevAndReported() {
        List<Map<String, Double>> reports = new ArrayList<>();
        Progress progress = new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {
                reports.add(metrics);
            }

            @Override
            public boolean cancelled() {
                return false;
            }
        };
        Examples dev = test.select(IntStream.range(0, 100).toArray());
        Calibrated chosen =
                (Calibrated) ClassicalTraining.fit(train, dev, parameters(Learner.RBF_SVM), job(0, progress));
        Map<String, Double> best = reports.getLast();
        assertEquals(9, reports.size());
        assertEquals(best.get("gamma"), ((KernelClassifier) chosen.margins()).gamma());
        assertNotNull(best.get("c"));
        assertEquals(agreement(chosen, dev, dev.labels()), best.get("devAccuracy"));
        double accuracyWithFewerChoices = reports.getFirst().get("devAccuracy");
        assertTrue(best.get("devAccuracy") >= accuracyWithFewerChoices);
        reports.clear();
        ClassicalTraining.fit(train, dev, parameters(Learner.LINEAR_SVM), job(0, progress));
        assertNull(reports.getLast().get("gamma"));
    }

    @Test
    void probabilitiesOfUnseenImagesAreCalibrated() {
        Calibrated fitted =
                (Calibrated) ClassicalTraining.fit(train, none(), parameters(Learner.RBF_SVM), job(0, Progress.NONE));
        double[][] margins =
                Arrays.stream(test.rows()).map(fitted.margins()::scores).toArray(double[][]::new);
        double loss = Calibrated.logLoss(margins, test.labels(), fitted.factor());
        assertTrue(loss < Calibrated.logLoss(margins, test.labels(), fitted.factor() * 4), "not too sure");
        assertTrue(loss < Calibrated.logLoss(margins, test.labels(), fitted.factor() / 4), "not too unsure");
    }

    @Test
    void twoClassesAreToldApart() {
        int[] chosen = train.all();
        Examples two = new Examples(
                train.rows(),
                Arrays.stream(train.labels()).map(label -> label % 2).toArray(),
                2);
        for (Learner learner : Learner.values()) {
            FittedClassifier fitted = ClassicalTraining.fit(two, none(), parameters(learner), job(0, Progress.NONE));
            long right = Arrays.stream(chosen)
                    .filter(i -> fitted.scores(two.rows()[i])[two.labels()[i]] > .5)
                    .count();
            assertTrue(right > .65 * chosen.length, learner + ": " + right);
        }
    }

    @Test
    void tooFewImagesAreRefused() {
        Examples few = train.select(new int[] {0, 1, 2});
        assertThrows(
                IllegalArgumentException.class,
                () -> ClassicalTraining.fit(
                        few, none(), parameters(Learner.K_NEAREST_NEIGHBOURS), job(0, Progress.NONE)));
        int[] alone =
                IntStream.range(0, TRAIN).filter(i -> train.labels()[i] != 1).toArray();
        int[] withOne = Arrays.copyOf(alone, alone.length + 1);
        withOne[alone.length] = IntStream.range(0, TRAIN)
                .filter(i -> train.labels()[i] == 1)
                .findFirst()
                .orElseThrow();
        assertThrows(
                IllegalArgumentException.class,
                () -> ClassicalTraining.fit(
                        train.select(withOne), none(), parameters(Learner.LINEAR_SVM), job(0, Progress.NONE)));
        assertThrows(IllegalArgumentException.class, () -> KernelLearner.requireMemory(20_000, 4L << 30));
        KernelLearner.requireMemory(5_000, 4L << 30);
    }

    @ParameterizedTest
    @EnumSource(value = Learner.class, mode = EnumSource.Mode.EXCLUDE, names = "K_NEAREST_NEIGHBOURS")
    void aCancelledTrainingEnds(Learner learner) {
        Progress cancelled = new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {}

            @Override
            public boolean cancelled() {
                return true;
            }
        };
        assertThrows(
                CancelledException.class,
                () -> ClassicalTraining.fit(train, none(), parameters(learner), job(0, cancelled)));
    }

    private static FittedClassifier fit(ClassicalParameters parameters) {
        return ClassicalTraining.fit(train, none(), parameters, job(0, Progress.NONE));
    }

    private static Examples none() {
        return new Examples(new float[0][], new int[0], CLASSES);
    }

    private static ClassicalParameters parameters(Learner learner) {
        return parameters(learner, 5, false);
    }

    private static ClassicalParameters parameters(Learner learner, int k, boolean weighted) {
        return new ClassicalParameters(
                "scattering",
                null,
                learner,
                null,
                null,
                k,
                weighted,
                300,
                64,
                1,
                RegionParameters.WHOLE,
                FilterParameters.NONE);
    }

    private static TrainingJob job(long seed, Progress progress) {
        return new TrainingJob(
                List.of(), List.of("a", "b", "c", "d"), List.of(), seed, 2, Path.of("."), progress, Checkpoints.NONE);
    }

    private static double agreement(FittedClassifier fitted, int[] answers) {
        return agreement(fitted, test, answers);
    }

    private static double agreement(FittedClassifier fitted, Examples examples, int[] answers) {
        return IntStream.range(0, answers.length)
                        .filter(i -> {
                            double[] scores = fitted.scores(examples.rows()[i]);
                            return IntStream.range(0, scores.length).allMatch(c -> scores[c] <= scores[answers[i]]);
                        })
                        .count()
                / (double) answers.length;
    }
}
