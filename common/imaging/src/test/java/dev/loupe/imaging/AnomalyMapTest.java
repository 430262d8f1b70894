package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.imaging.ImagePreparation.Denoise;
import dev.loupe.imaging.ImagePreparation.Fit;
import dev.loupe.imaging.ImagePreparation.Margins;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnomalyMapTest {
    private static final float[] NONE = {0, 0, 0};
    private static final float[] ONE = {1, 1, 1};

    private static Preprocessing preprocessing(int width, int height, Fit fit, Margins margins) {
        return new Preprocessing(width, height, 255, NONE, ONE)
                .with(new ImagePreparation(margins, fit, Denoise.NONE, false, false));
    }

    /** The input, as a map of its first channel, shows a mark of the image where the image has it. */
    @ParameterizedTest
    @CsvSource({
        "200, 100, stretch, 0, 0, 0, 0, 120, 40",
        "200, 100, stretch, .3, .2, .1, .1, 120, 40",
        "200, 100, pad, 0, 0, 0, 0, 20, 80",
        "100, 230, pad, .1, 0, .2, .4, 40, 100",
        "200, 100, crop, 0, 0, 0, 0, 110, 70",
        "90, 240, crop, .05, .3, .1, 0, 30, 170",
    })
    void aMarkOfTheImageIsAtItsPlace(
            int width, int height, String fit, double left, double top, double right, double bottom, int x, int y) {
        int side = 12;
        byte[] rgb = new byte[3 * width * height];
        for (int row = y; row < y + side; row++) {
            for (int i = 3 * (row * width + x); i < 3 * (row * width + x + side); i++) {
                rgb[i] = (byte) 255;
            }
        }
        Margins margins = new Margins(left, top, right, bottom);
        Preprocessing preprocessing = preprocessing(160, 144, Fit.valueOf(fit.toUpperCase()), margins);
        float[] input = preprocessing.apply(new Pixels(width, height, rgb));
        float[] plane = new float[160 * 144];
        System.arraycopy(input, 0, plane, 0, plane.length);
        if (preprocessing.preparation().fit() == Fit.PAD) {
            for (int i = 0; i < plane.length; i++) {
                plane[i] = plane[i] > 0.6 ? plane[i] : 0; // the bands are grey
            }
        }

        float[] image = new AnomalyMap(plane, 160, 144, preprocessing.geometry(width, height)).onImage(width, height);

        double sum = 0;
        double across = 0;
        double down = 0;
        for (int i = 0; i < image.length; i++) {
            sum += image[i];
            across += image[i] * (i % width + 0.5);
            down += image[i] * (i / width + 0.5);
        }
        assertEquals(x + side / 2.0, across / sum, 0.5);
        assertEquals(y + side / 2.0, down / sum, 0.5);
        assertTrue(sum > 0.75 * side * side && sum < 1.25 * side * side, "area " + sum);
    }

    @Test
    void whatTheModelDoesNotSeeIsZero() {
        AnomalyMap cropped = new AnomalyMap(
                new float[] {1},
                1,
                1,
                preprocessing(8, 8, Fit.CROP, Margins.NONE).geometry(4, 2));
        assertArrayEquals(new float[] {0, 1, 1, 0, 0, 1, 1, 0}, cropped.onImage(4, 2));

        Margins right = new Margins(0, 0, 0.5, 0);
        AnomalyMap region = new AnomalyMap(
                new float[] {1, 3},
                2,
                1,
                preprocessing(8, 8, Fit.STRETCH, right).geometry(8, 1));
        // Centres of the map's places are at pixels 1 and 3 of the four that are looked at.
        assertArrayEquals(new float[] {1, 1.5f, 2.5f, 3, 0, 0, 0, 0}, region.onImage(8, 1), 1e-6f);
    }

    @Test
    void aPlaceOfTheInputIsOneOfTheImage() {
        InputGeometry padded = preprocessing(100, 100, Fit.PAD, Margins.NONE).geometry(200, 100);
        assertEquals(0.25, padded.across().ofImage(0.25), 1e-9);
        assertEquals(0, padded.down().ofImage(0.1), 1e-9, "beside the image");
        assertEquals(0.5, padded.down().ofImage(0.5), 1e-9);
        assertEquals(1, padded.down().ofImage(0.9), 1e-9, "beside the image");
        assertEquals(0.375, padded.down().ofInput(0.25), 1e-9);

        Margins margins = new Margins(0.2, 0, 0.3, 0);
        InputGeometry region = preprocessing(100, 100, Fit.STRETCH, margins).geometry(10, 10);
        assertEquals(0.45, region.across().ofImage(0.5), 1e-9);
        assertTrue(Double.isNaN(region.across().ofInput(0.1)), "in the margin");
    }

    @Test
    void aMapNeedsAValueForEachPlace() {
        assertThrows(IllegalArgumentException.class, () -> new AnomalyMap(new float[3], 2, 2));
    }
}
