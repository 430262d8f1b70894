package dev.loupe.training.queue;

/**
 * What the trainers of a project or a tenant hold.
 *
 * @param runs number of runs with a trainer
 * @param gpus number of GPUs of all these trainers
 */
record Usage(int runs, int gpus) {
    static final Usage NONE = new Usage(0, 0);

    Usage plus(int gpusOfAnother) {
        return new Usage(runs + 1, gpus + gpusOfAnother);
    }

    Usage plus(Usage other) {
        return new Usage(runs + other.runs, gpus + other.gpus);
    }

    /** Units for the fair share: a trainer counts as its number of GPUs, or as one if it has none. */
    int units() {
        return Math.max(runs, gpus);
    }
}
