package dev.loupe.training.dataset;

import java.util.UUID;

/** A project was deleted: its runs end. Fired within the transaction that takes the deletion in. */
public record ProjectDeleted(UUID projectId) {}
