package dev.loupe.training.launch;

/** A job may have changed: a hint to observe the jobs. */
public record JobsChanged() {}
