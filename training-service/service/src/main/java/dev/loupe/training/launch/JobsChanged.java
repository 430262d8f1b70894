package dev.loupe.training.launch;

/** Something about a job changed; a hint to look at them. */
public record JobsChanged() {}
