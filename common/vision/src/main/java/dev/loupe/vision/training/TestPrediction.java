package dev.loupe.vision.training;

/**
 * The prediction for one TEST image.
 *
 * @param label true label
 * @param predicted predicted label: a class, or for an anomaly detector normal or abnormal according to the threshold
 * @param score probability of the predicted class, 0..1, or the anomaly score
 */
public record TestPrediction(String label, String predicted, double score) {}
