package dev.loupe.model;

/** The prediction of a model for one image. */
public sealed interface Prediction permits ClassPrediction, AnomalyPrediction {}
