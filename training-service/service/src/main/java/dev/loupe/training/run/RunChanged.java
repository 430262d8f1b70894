package dev.loupe.training.run;

import java.util.UUID;

/**
 * A run changed. Sent within this service after the change is committed.
 *
 * @param ended the final state that the run reached with this change, else null
 */
record RunChanged(UUID run, RunState ended) {
    RunChanged(UUID run) {
        this(run, null);
    }
}
