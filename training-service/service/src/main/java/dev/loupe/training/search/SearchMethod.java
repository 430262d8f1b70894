package dev.loupe.training.search;

/** How a search proposes parameters. */
public enum SearchMethod {
    /** Each trial has parameters drawn at random. */
    RANDOM,
    /** Trials after the first few are proposed by {@link TreeParzen}. */
    TPE,
    /** Trials with few epochs and random parameters; the best ones are trained again with more epochs. */
    SUCCESSIVE_HALVING
}
