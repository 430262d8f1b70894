package dev.loupe.model;

/**
 * The anomaly score of an image, and its anomaly map.
 *
 * @param score distance from normal, at least 0; comparable within one model only
 * @param threshold score from which an image is anomalous
 * @param mapWidth number of places in the map from left to right
 * @param mapHeight number of places in the map from top to bottom
 * @param map distance from normal by place, row by row, on the same scale as the threshold; it covers the whole image;
 *     must not be modified
 */
public record AnomalyPrediction(float score, double threshold, int mapWidth, int mapHeight, float[] map)
        implements Prediction {
    /** The same prediction, decided with another threshold. */
    public AnomalyPrediction at(double other) {
        return new AnomalyPrediction(score, other, mapWidth, mapHeight, map);
    }

    public boolean anomalous() {
        return score >= threshold;
    }
}
