package dev.loupe.cli.command;

/** Formats of results. */
enum OutputFormat {
    TABLE,
    /** The answer of the service: an object, or an array for a list. */
    JSON
}
