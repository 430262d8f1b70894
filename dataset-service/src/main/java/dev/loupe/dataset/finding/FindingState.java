package dev.loupe.dataset.finding;

/** What was decided on a finding. */
enum FindingState {
    /** Nothing yet. */
    OPEN,
    /** It is a problem that is known. */
    ACCEPTED,
    /** It is no problem. */
    DISMISSED
}
