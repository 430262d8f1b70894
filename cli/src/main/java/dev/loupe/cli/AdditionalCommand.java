package dev.loupe.cli;

/** A command of another module, found by {@link java.util.ServiceLoader}: it becomes a subcommand of the program. */
public interface AdditionalCommand {}
