package dev.loupe.vision.training;

import java.time.Duration;

/**
 * How often checkpoints are saved.
 *
 * @param minimum shortest time between the end of a save and the start of the next
 * @param costFactor that time is also at least this multiple of the duration of the last save
 */
public record CheckpointInterval(Duration minimum, int costFactor) {
    static final CheckpointInterval DEFAULT = new CheckpointInterval(Duration.ofSeconds(2), 20);
}
