package dev.loupe.training.queue;

import java.util.UUID;

/**
 * A run in the queue.
 *
 * @param run its id: who asked earlier has the smaller one
 * @param project name of its project
 * @param priority the larger, the sooner
 * @param gpus that its trainer asks for
 */
record Waiting(UUID run, String project, int priority, int gpus) {}
