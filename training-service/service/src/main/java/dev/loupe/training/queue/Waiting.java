package dev.loupe.training.queue;

import java.util.UUID;

/**
 * A waiting run. Public, because Jdbi constructs only public records.
 *
 * @param run its id; ids ascend in the order of submission
 * @param project id of its project
 * @param priority a run with a higher priority starts earlier
 * @param gpus number of GPUs that its trainer asks for
 */
public record Waiting(UUID run, String project, int priority, int gpus) {}
