package dev.loupe.vision.model;

/** What a model says of one picture. */
public sealed interface Prediction permits ClassPrediction, AnomalyPrediction {}
