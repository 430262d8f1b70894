package dev.loupe.vision.recipe.classical;

/** Learns margins of classes against all others, from the same images with different penalties. */
interface MarginLearner {
    /**
     * @param chosen indices of the examples to learn from; each class has one of them
     * @param penalty weight of errors
     */
    FittedClassifier fit(int[] chosen, Penalty penalty);

    /**
     * How a learner is regularised.
     *
     * @param c weight of the errors on the examples
     * @param gamma of the kernel, 0 for a learner without one
     */
    record Penalty(double c, double gamma) {}
}
