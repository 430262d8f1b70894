package dev.loupe.dataset.finding;

/** How much a finding matters, the most severe first. */
enum Severity {
    /** It makes an evaluation wrong, or prevents learning. */
    HIGH,
    /** It probably degrades a model. */
    MEDIUM,
    /** It is worth a look. */
    LOW
}
