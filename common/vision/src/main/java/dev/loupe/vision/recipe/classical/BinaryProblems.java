package dev.loupe.vision.recipe.classical;

import dev.loupe.vision.training.TrainingJob;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/** Divides a problem of several classes into one for each class against all others. */
final class BinaryProblems {
    private BinaryProblems() {}

    /**
     * Returns a function for each class. Two classes need one function only: the other one is its negative.
     *
     * @param solver solves the problem of the class with this index
     */
    static <T> List<T> solve(int classes, TrainingJob job, IntFunction<T> solver, UnaryOperator<T> negative) {
        if (classes == 2) {
            job.progress().check();
            T second = solver.apply(1);
            return List.of(negative.apply(second), second);
        }
        return Parallel.map(classes, job.threads(), job.progress(), done -> {}, solver);
    }
}
