package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.imaging.ImageConditions.Measure;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ImageConditionsTest {
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] STD = {0.229f, 0.224f, 0.225f};
    private static final Preprocessing PREPROCESSING = new Preprocessing(4, 4, 255, MEAN, STD);

    /** A colour with red 200, green 100 and blue 50: 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2. */
    @Test
    void brightnessIsTheMeanGreyValueOfTheImage() {
        ImageConditions conditions = ImageConditions.of(colour(200, 100, 50), 0, PREPROCESSING);
        assertEquals(124.2, conditions.values().get(Measure.BRIGHTNESS), 1e-3);
        assertEquals(0, conditions.values().get(Measure.SHARPNESS), 1e-6);
    }

    /**
     * A grey image with a white pixel at (1, 1). The Laplacian of the four inner pixels is -4 d at the pixel, d at the
     * two beside it and 0 at the fourth, for d = 255 - 55 = 200: mean -100, mean of squares 180000, variance 170000.
     */
    @Test
    void sharpnessIsTheVarianceOfTheLaplacian() {
        float[] image = colour(55, 55, 55);
        for (int c = 0; c < 3; c++) {
            image[16 * c + 5] = (1 - MEAN[c]) / STD[c];
        }
        ImageConditions conditions = ImageConditions.of(image, 0, PREPROCESSING);
        assertEquals(170_000, conditions.values().get(Measure.SHARPNESS), 1);
    }

    @Test
    void measuresTheImageWithThisIndex() {
        float[] both = new float[96];
        System.arraycopy(colour(10, 10, 10), 0, both, 0, 48);
        System.arraycopy(colour(90, 90, 90), 0, both, 48, 48);
        assertEquals(90, ImageConditions.of(both, 1, PREPROCESSING).values().get(Measure.BRIGHTNESS), 1e-3);
    }

    @Test
    void shapeAndSizeAreThoseOfTheImageIfTheyAreKnown() {
        ImageConditions tensor = ImageConditions.of(colour(1, 1, 1), 0, PREPROCESSING);
        assertEquals(
                Set.of(Measure.BRIGHTNESS, Measure.SHARPNESS), tensor.values().keySet());
        ImageConditions image = tensor.withSize(640, 480);
        assertEquals(640 / 480.0, image.values().get(Measure.ASPECT_RATIO), 1e-12);
        assertEquals(640, image.values().get(Measure.SIZE));
    }

    private static float[] colour(int... rgb) {
        float[] image = new float[48];
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < 16; i++) {
                image[16 * c + i] = (rgb[c] / 255f - MEAN[c]) / STD[c];
            }
        }
        return image;
    }
}
