package dev.loupe.vision.model;

/** What a model says of one image. */
public sealed interface Prediction permits ClassPrediction, AnomalyPrediction {}
