package dev.loupe.cli.command;

/** How results are shown. */
enum OutputFormat {
    TABLE,
    /** What the service answered: an object, or an array for a list. */
    JSON
}
