package dev.loupe.training.dataset;

import java.util.UUID;

/** A project was deleted, so its runs end. Fired in the transaction that applies the deletion. */
public record ProjectDeleted(UUID projectId) {}
