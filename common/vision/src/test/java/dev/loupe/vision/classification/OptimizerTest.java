package dev.loupe.vision.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.vision.classification.ClassLoss.Imbalance;
import dev.loupe.vision.classification.LearningRateSchedule.Plateau;
import dev.loupe.vision.classification.SoftmaxTraining.Plan;
import dev.loupe.vision.net.Layer.Dropout;
import dev.loupe.vision.net.Layer.Linear;
import dev.loupe.vision.net.Layer.Relu;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.training.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

/** The numbers in the files are printed by src/test/python/optimizer_reference.py. */
class OptimizerTest {
    private static final int EXAMPLES = 12;
    private static final int FEATURES = 2;
    private static final int CLASSES = 3;
    private static final LearningRateSchedule CONSTANT =
            new LearningRateSchedule(LearningRateSchedule.Kind.CONSTANT, 0, 1, 1);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvFileSource(resources = "optimizers.csv", numLinesToSkip = 1)
    void makesTheStepsOfTheReference(
            String optimizer,
            double momentum,
            boolean nesterov,
            double decay,
            double clip,
            double smoothing,
            String imbalance,
            double gamma,
            double average,
            String expected) {
        OptimizerSettings settings = new OptimizerSettings(kind(optimizer), .1, momentum, nesterov, decay, clip);
        ClassLoss loss = new ClassLoss(smoothing, Imbalance.valueOf(imbalance.toUpperCase(Locale.ROOT)), gamma);
        Plan plan = new Plan(8, EXAMPLES, 100, 0, settings, CONSTANT, loss, false, average);
        TrainingState trained = train(Net.linear(FEATURES, CLASSES), start(), plan);

        float[] actual = new float[CLASSES * FEATURES + CLASSES];
        List<float[]> weights = trained.best().weights();
        System.arraycopy(weights.get(0), 0, actual, 0, CLASSES * FEATURES);
        System.arraycopy(weights.get(1), 0, actual, CLASSES * FEATURES, CLASSES);
        List<Double> numbers =
                Stream.of(expected.split(" ")).map(Double::valueOf).toList();
        for (int i = 0; i < actual.length; i++) {
            assertEquals(numbers.get(i), actual[i], 2e-5, "weight " + i);
        }
    }

    @ParameterizedTest
    @CsvFileSource(resources = "schedules.csv", numLinesToSkip = 1)
    void followsTheScheduleOfTheReference(String kind, int warmup, long step, double factor) {
        LearningRateSchedule schedule = new LearningRateSchedule(
                LearningRateSchedule.Kind.valueOf(kind.toUpperCase(Locale.ROOT).replace('-', '_')), warmup, 2, .5);
        assertEquals(factor, schedule.factor(step, 3, 10, Plateau.START), 1e-9);
    }

    /** As ReduceLROnPlateau(factor=0.5, patience=2) of PyTorch. */
    @Test
    void aPlateauReducesTheRateAfterThreeEpochsWithoutImprovement() {
        LearningRateSchedule schedule = new LearningRateSchedule(LearningRateSchedule.Kind.PLATEAU, 0, 2, .5);
        Plateau plateau = Plateau.START;
        List<Double> factors = new ArrayList<>();
        for (double loss : new double[] {1, .9, .95, .89995, .91, .8, .9, .9, .9, .9}) {
            plateau = plateau.after(loss, schedule);
            factors.add(schedule.factor(0, 3, 10, plateau));
        }
        assertEquals(List.of(1.0, 1.0, 1.0, 1.0, .5, .5, .5, .5, .25, .25), factors);
    }

    @ParameterizedTest
    @CsvSource({
        "SGD, ONE_CYCLE, NONE, 0",
        "SGD, PLATEAU, SAMPLING, 0",
        "ADAM, COSINE, FOCAL, 0.9",
        "ADAMW, STEP, WEIGHTS, 0.9"
    })
    void aResumedTrainingGivesTheSameWeights(
            OptimizerSettings.Kind kind, LearningRateSchedule.Kind schedule, Imbalance imbalance, double average)
            throws IOException {
        Net net = new Net(List.of(new Linear(FEATURES, 8), new Relu(), new Dropout(.3f), new Linear(8, CLASSES)));
        Plan plan = new Plan(
                6,
                5,
                100,
                3,
                new OptimizerSettings(kind, .05, .9, true, .01, 1),
                new LearningRateSchedule(schedule, 1, 1, .5),
                new ClassLoss(.1, imbalance, 2),
                true,
                average);
        List<float[]> initial = net.initialWeights(1);
        Path file = folder.resolve("state.bin");
        TrainingState whole = new SoftmaxTraining(net, examples(), examples(), plan, Progress.NONE)
                .run(TrainingState.initial(initial), state -> {
                    if (state.epoch() == 3) {
                        write(state, file);
                    }
                });
        TrainingState resumed = new SoftmaxTraining(net, examples(), examples(), plan, Progress.NONE)
                .run(TrainingState.read(file), state -> {});

        assertEquals(6, resumed.epoch());
        for (int i = 0; i < initial.size(); i++) {
            assertArrayEquals(whole.weights().get(i), resumed.weights().get(i));
            assertArrayEquals(
                    whole.best().weights().get(i), resumed.best().weights().get(i));
        }
        assertEquals(whole.plateau(), resumed.plateau());
    }

    @Test
    void samplingMakesClassesEquallyFrequent() {
        List<Integer> drawn = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            drawn.addAll(new ClassBalance(examples()).sample(random));
        }
        for (int c = 0; c < CLASSES; c++) {
            int label = c;
            long count = drawn.stream()
                    .filter(index -> examples().label(index) == label)
                    .count();
            assertEquals(drawn.size() / 3.0, count, 60); // four standard deviations
        }
    }

    private static void write(TrainingState state, Path file) {
        try {
            state.write(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static OptimizerSettings.Kind kind(String name) {
        return OptimizerSettings.Kind.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private static TrainingState train(Net net, List<float[]> start, Plan plan) {
        FeatureExamples none =
                new FeatureExamples(List.of(), new int[0], examples().standardisation());
        return new SoftmaxTraining(net, examples(), none, plan, Progress.NONE)
                .run(TrainingState.initial(start), state -> {});
    }

    private static List<float[]> start() {
        float[] weights = new float[CLASSES * FEATURES];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (.3 * Math.sin(1.0 + i));
        }
        return List.of(weights, new float[CLASSES]);
    }

    private static FeatureExamples examples() {
        List<float[]> rows = new ArrayList<>();
        int[] labels = new int[EXAMPLES];
        for (int i = 0; i < EXAMPLES; i++) {
            labels[i] = i < 7 ? 0 : i < 10 ? 1 : 2;
            float[] row = new float[FEATURES];
            for (int d = 0; d < FEATURES; d++) {
                row[d] = (float) (Math.sin(1.3 * i * (d + 1)) + (i % CLASSES == d ? .5 : 0));
            }
            rows.add(row);
        }
        float[] ones = new float[FEATURES];
        Arrays.fill(ones, 1);
        return new FeatureExamples(rows, labels, new Standardisation(new float[FEATURES], ones));
    }
}
