package dev.loupe.training.run;

import java.util.UUID;

/**
 * Something about a run changed; sent within this service once the change is committed.
 *
 * @param ended the final state that it came to by this change, else null
 */
record RunChanged(UUID run, RunState ended) {
    RunChanged(UUID run) {
        this(run, null);
    }
}
