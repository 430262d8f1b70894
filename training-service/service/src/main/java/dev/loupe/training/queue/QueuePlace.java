package dev.loupe.training.queue;

import java.time.Instant;

/**
 * The position of a queued run, and why it waits.
 *
 * @param position position in the queue, from 1
 * @param of number of waiting runs
 * @param reason why it does not start now, in words
 * @param estimatedStart expected start; null if no duration of a run is known
 * @param basis basis of the estimate, in words; null without an estimate
 */
public record QueuePlace(int position, int of, String reason, Instant estimatedStart, String basis) {}
