package dev.loupe.training.run;

import java.util.UUID;

/** Something about a run changed; sent within this service once the change is committed. */
record RunChanged(UUID run) {}
