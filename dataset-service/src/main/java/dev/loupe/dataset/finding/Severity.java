package dev.loupe.dataset.finding;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How much a finding matters, the most severe first. */
@Schema(name = "FindingSeverity")
enum Severity {
    /** It makes an evaluation wrong, or prevents learning. */
    HIGH,
    /** It probably degrades a model. */
    MEDIUM,
    /** It is worth a look. */
    LOW
}
