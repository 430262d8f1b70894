package dev.loupe.training.queue;

import java.time.Instant;

/**
 * When a queued run will start, and why not now.
 *
 * @param position from 1
 * @param of how many wait
 * @param reason why it does not start now, in words
 * @param estimatedStart when it is expected to start; null if nothing is known of how long runs take
 * @param basis of the estimate, in words; null without one
 */
public record QueuePlace(int position, int of, String reason, Instant estimatedStart, String basis) {}
