package dev.loupe.training.queue;

/**
 * What a project's trainers hold.
 *
 * @param runs that have one
 * @param gpus of all of them
 */
record Usage(int runs, int gpus) {
    static final Usage NONE = new Usage(0, 0);

    Usage plus(int gpusOfAnother) {
        return new Usage(runs + 1, gpus + gpusOfAnother);
    }

    /** What counts for fairness: a trainer counts as its GPUs, and as one where it has none. */
    int units() {
        return Math.max(runs, gpus);
    }
}
