package dev.loupe.vision.evaluation;

import dev.loupe.imaging.DefectRegions;
import java.util.Arrays;

/**
 * The anomaly scores of the pixels of one image.
 *
 * @param defect kind of defect, null if none
 * @param regions number of regions of defective pixels; 0 for a normal image
 * @param normal pixels without a defect
 * @param defective pixels with a defect
 * @param overlap the same pixels, each weighted with the inverse of the size of its region: what lies above a score is the
 *     sum of the shares of the regions that do
 */
public record PixelSample(
        String defect, int regions, ScoreWeights normal, ScoreWeights defective, ScoreWeights overlap) {

    /** The pixels of a normal image. */
    public static PixelSample normal(float[] scores) {
        int[] keys = new int[scores.length];
        Arrays.setAll(keys, i -> ScoreWeights.key(scores[i]));
        return new PixelSample(null, 0, ScoreWeights.of(keys), ScoreWeights.NONE, ScoreWeights.NONE);
    }

    /**
     * The pixels of an abnormal image.
     *
     * @param scores score of each pixel of the mask, row by row
     * @param mask a mask with at least one region
     */
    public static PixelSample abnormal(String defect, float[] scores, DefectRegions mask) {
        if (scores.length != mask.pixels().length) {
            throw new IllegalArgumentException(
                    "expected a score for each of " + mask.pixels().length + " pixels, got " + scores.length);
        }
        int[] sizes = mask.sizes();
        int[] normal = new int[sizes[0]];
        long[] defective = new long[scores.length - sizes[0]];
        int normals = 0;
        int defectives = 0;
        for (int i = 0; i < scores.length; i++) {
            int region = mask.pixels()[i];
            int key = ScoreWeights.key(scores[i]);
            if (region == 0) {
                normal[normals++] = key;
            } else {
                defective[defectives++] = (long) key << Integer.SIZE | region;
            }
        }
        Arrays.sort(defective);
        double[] ones = new double[sizes.length];
        Arrays.fill(ones, 1);
        return new PixelSample(
                defect,
                mask.count(),
                ScoreWeights.of(normal),
                ScoreWeights.of(defective, ones),
                ScoreWeights.of(
                        defective,
                        Arrays.stream(sizes).mapToDouble(size -> 1.0 / size).toArray()));
    }

    PixelSample coarse(int bits) {
        return new PixelSample(defect, regions, normal.coarse(bits), defective.coarse(bits), overlap.coarse(bits));
    }

    /** Number of scores that it takes memory for. */
    int size() {
        return normal.size() + defective.size() + overlap.size();
    }
}
