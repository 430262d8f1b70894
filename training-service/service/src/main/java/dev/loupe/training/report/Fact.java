package dev.loupe.training.report;

/** A fact of a model card. */
record Fact(String name, String value) {}
