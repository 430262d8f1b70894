package dev.loupe.vision.model;

/**
 * How far an image is from normal, and where.
 *
 * @param score distance from normal, at least 0; comparable within one model only
 * @param threshold from which an image is anomalous
 * @param mapWidth places of the map from left to right
 * @param mapHeight places of the map from top to bottom
 * @param map distance from normal by place, row by row, on the threshold's scale; it covers the whole image; not to be
 *     changed
 */
public record AnomalyPrediction(float score, double threshold, int mapWidth, int mapHeight, float[] map)
        implements Prediction {
    public boolean anomalous() {
        return score >= threshold;
    }
}
