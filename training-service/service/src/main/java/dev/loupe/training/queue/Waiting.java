package dev.loupe.training.queue;

import java.util.UUID;

/**
 * A waiting run.
 *
 * @param run its id; ids ascend in the order of submission
 * @param project name of its project
 * @param priority a run with a higher priority starts earlier
 * @param gpus number of GPUs that its trainer asks for
 */
record Waiting(UUID run, String project, int priority, int gpus) {}
