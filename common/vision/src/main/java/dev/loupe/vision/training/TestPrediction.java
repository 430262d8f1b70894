package dev.loupe.vision.training;

/**
 * What a model said of one TEST image.
 *
 * @param label the truth
 * @param predicted the model's word: a class, or for an anomaly detector what the threshold makes of the score
 * @param score probability of the predicted class, 0..1, or the anomaly score
 */
public record TestPrediction(String label, String predicted, double score) {}
