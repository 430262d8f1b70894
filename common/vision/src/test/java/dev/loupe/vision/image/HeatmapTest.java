package dev.loupe.vision.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HeatmapTest {
    private static Pixels grey(int width, int height, int value) {
        byte[] rgb = new byte[3 * width * height];
        Arrays.fill(rgb, (byte) value);
        return new Pixels(width, height, rgb);
    }

    private static int[] pixel(Pixels pixels, int x, int y) {
        int i = 3 * (y * pixels.width() + x);
        return new int[] {pixels.rgb()[i] & 0xFF, pixels.rgb()[i + 1] & 0xFF, pixels.rgb()[i + 2] & 0xFF};
    }

    @Test
    void belowHalfTheThresholdThePictureIsUntouched() {
        Pixels picture = grey(10, 6, 90);
        Pixels drawn = ImageDecoder.decode(Heatmap.png(picture, new float[] {0, 0.9f, 0.5f, 0}, 2, 2, 2));
        assertArrayEquals(picture.rgb(), drawn.rgb());
    }

    @Test
    void aValueHasTheSameColourInEveryPicture() {
        float[] quiet = {0, 0, 0, 3};
        float[] loud = {9, 9, 9, 3};
        int[] first = pixel(ImageDecoder.decode(Heatmap.png(grey(2, 2, 50), quiet, 2, 2, 3)), 1, 1);
        int[] second = pixel(ImageDecoder.decode(Heatmap.png(grey(2, 2, 50), loud, 2, 2, 3)), 1, 1);
        assertArrayEquals(first, second);
    }

    @Test
    void heatGrowsFromRedAtTheThresholdToBrightYellow() {
        Pixels drawn = ImageDecoder.decode(Heatmap.png(grey(3, 1, 0), new float[] {0, 1, 2}, 3, 1, 1));
        // matplotlib's inferno at .5: (188, 55, 84), at 1: (252, 255, 164); three quarters of it over black.
        assertArrayEquals(new int[] {0, 0, 0}, pixel(drawn, 0, 0));
        int[] atThreshold = pixel(drawn, 1, 0);
        int[] atTwice = pixel(drawn, 2, 0);
        int[] red = {141, 41, 63};
        int[] yellow = {189, 191, 123};
        for (int c = 0; c < 3; c++) {
            assertEquals(red[c], atThreshold[c], 3);
            assertEquals(yellow[c], atTwice[c], 3);
        }
    }

    @Test
    void itHasThePicturesSizeAndTheHeatsPlace() {
        float[] map = new float[16];
        map[4 * 3 + 2] = 5;
        Pixels drawn = ImageDecoder.decode(Heatmap.png(grey(80, 40, 30), map, 4, 4, 2));
        assertEquals(80, drawn.width());
        assertEquals(40, drawn.height());
        assertTrue(pixel(drawn, 50, 35)[0] > 150, "heat in the third column of the lowest row");
        assertArrayEquals(new int[] {30, 30, 30}, pixel(drawn, 10, 5));
    }

    @Test
    void aMapOfAnotherSizeIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Heatmap.png(grey(2, 2, 0), new float[3], 2, 2, 1));
    }
}
