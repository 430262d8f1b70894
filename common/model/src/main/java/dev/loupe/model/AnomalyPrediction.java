package dev.loupe.model;

import dev.loupe.imaging.AnomalyMap;
import dev.loupe.imaging.InputGeometry;

/**
 * The anomaly score of an image, and its anomaly map.
 *
 * @param score distance from normal, at least 0; comparable within one model only
 * @param threshold score from which an image is anomalous
 * @param mapWidth number of places in the map from left to right
 * @param mapHeight number of places in the map from top to bottom
 * @param map distance from normal by place, row by row, on the same scale as the threshold; it covers the model's input;
 *     must not be modified
 * @param product product whose memory the image was compared with; null if the model does not tell products apart
 * @param nearestProduct product whose memory the image is nearest to; null as above
 */
public record AnomalyPrediction(
        float score, double threshold, int mapWidth, int mapHeight, float[] map, String product, String nearestProduct)
        implements Prediction {
    /** A prediction of a model that does not tell products apart. */
    public AnomalyPrediction(float score, double threshold, int mapWidth, int mapHeight, float[] map) {
        this(score, threshold, mapWidth, mapHeight, map, null, null);
    }

    /** The same prediction, decided with another threshold. */
    public AnomalyPrediction at(double other) {
        return new AnomalyPrediction(score, other, mapWidth, mapHeight, map, product, nearestProduct);
    }

    /**
     * The map of an image.
     *
     * @param geometry where the input lies in it
     */
    public AnomalyMap map(InputGeometry geometry) {
        return new AnomalyMap(map, mapWidth, mapHeight, geometry);
    }

    public boolean anomalous() {
        return score >= threshold;
    }
}
