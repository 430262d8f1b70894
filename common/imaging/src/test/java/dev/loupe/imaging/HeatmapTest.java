package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
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

    private static Pixels decoded(byte[] png) {
        return ImageDecoder.decode(png);
    }

    @Test
    void leavesImageUnchangedBelowTheThreshold() {
        Pixels image = coloured(150, 40);
        float[] map = {0, 1.99f, 1.5f, 0};
        Pixels drawn = decoded(Heatmap.png(image, new AnomalyMap(map, 2, 2), 2));
        assertEquals(150, drawn.width());
        assertEquals(40 + HeatmapLegend.HEIGHT, drawn.height());
        assertArrayEquals(image.rgb(), Arrays.copyOf(drawn.rgb(), image.rgb().length));
    }

    /** Red, green and blue differ, so that the test detects swapped channels. */
    private static Pixels coloured(int width, int height) {
        Pixels image = grey(width, height, 0);
        for (int i = 0; i < width * height; i++) {
            image.rgb()[3 * i] = (byte) (i % 200);
            image.rgb()[3 * i + 1] = (byte) (i % 90);
            image.rgb()[3 * i + 2] = (byte) (255 - i % 50);
        }
        return image;
    }

    @Test
    void overlayOverTheImageLooksLikeTheHeatmap() throws IOException {
        Pixels image = coloured(150, 40);
        float[] map = new float[64];
        for (int i = 0; i < map.length; i++) {
            map[i] = i % 8 * 0.75f;
        }
        Pixels drawn = decoded(Heatmap.png(image, new AnomalyMap(map, 8, 8), 2));
        BufferedImage overlay = ImageIO.read(
                new ByteArrayInputStream(Heatmap.overlay(new AnomalyMap(map, 8, 8), 2, image.width(), image.height())));

        assertEquals(150, overlay.getWidth());
        assertEquals(40, overlay.getHeight());
        assertEquals(0, overlay.getRGB(0, 20) >>> 24, "below the threshold");
        for (int y = 0; y < 40; y++) {
            for (int x = 0; x < 150; x++) {
                int argb = overlay.getRGB(x, y);
                double opacity = (argb >>> 24) / 255.0;
                for (int c = 0; c < 3; c++) {
                    double colour = opacity * (argb >> 16 - 8 * c & 0xFF);
                    assertEquals(pixel(drawn, x, y)[c], (1 - opacity) * pixel(image, x, y)[c] + colour, 1.5);
                }
            }
        }
    }

    @Test
    void equalValuesHaveEqualColoursInAllImages() {
        float[] mostlyNormal = {0, 0, 0, 0, 0, 0, 0, 0, 4};
        float[] mostlyAnomalous = {9, 9, 9, 9, 9, 9, 9, 9, 4};
        int[] first = pixel(decoded(Heatmap.png(grey(90, 90, 50), new AnomalyMap(mostlyNormal, 3, 3), 3)), 89, 89);
        int[] second = pixel(decoded(Heatmap.png(grey(90, 90, 50), new AnomalyMap(mostlyAnomalous, 3, 3), 3)), 89, 89);
        assertArrayEquals(first, second);
    }

    /** The highest value of the map is half, equal to, or ten times the score. */
    @Test
    void anImageHasAColouredPlaceJustIfItsScoreReachesTheThreshold() throws IOException {
        for (float unit : new float[] {0.5f, 1, 10}) {
            float[] map = new float[49];
            for (int i = 0; i < map.length; i++) {
                map[i] = unit * (i % 7) / 6;
            }
            AnomalyMap places = new AnomalyMap(map, 7, 7);
            for (double threshold : new double[] {0.999, 1, 1.001}) {
                BufferedImage overlay =
                        ImageIO.read(new ByteArrayInputStream(Heatmap.overlay(places, threshold, 150, 40, 1)));
                int coloured = 0;
                for (int i = 0; i < 150 * 40; i++) {
                    coloured += overlay.getRGB(i % 150, i / 150) >>> 24 == 0 ? 0 : 1;
                }
                assertEquals(threshold <= 1, coloured > 0, unit + " " + threshold);
                Pixels image = grey(150, 40, 50);
                Pixels drawn = decoded(Heatmap.png(image, places, threshold, 1024, 1));
                assertEquals(
                        threshold <= 1, !Arrays.equals(image.rgb(), Arrays.copyOf(drawn.rgb(), image.rgb().length)));
            }
        }
    }

    @Test
    void ofAMapOnTheScaleOfTheScoreTheScoreChangesNothing() {
        float[] map = new float[64];
        for (int i = 0; i < map.length; i++) {
            map[i] = i % 8 * 0.75f;
        }
        AnomalyMap places = new AnomalyMap(map, 8, 8);
        assertArrayEquals(Heatmap.overlay(places, 2, 80, 80), Heatmap.overlay(places, 2, 80, 80, 7 * 0.75));
    }

    @Test
    void aMapOfZerosStaysWithoutColours() {
        AnomalyMap zeros = new AnomalyMap(new float[4], 2, 2);
        assertArrayEquals(Heatmap.overlay(zeros, 2, 20, 20), Heatmap.overlay(zeros, 2, 20, 20, 5));
    }

    @Test
    void coloursGoFromRedAtTheThresholdToYellowAtTwiceTheThreshold() {
        float[] map = new float[200];
        Arrays.fill(map, 0, 100, 1);
        Arrays.fill(map, 100, 200, 2);
        Pixels drawn = decoded(Heatmap.png(grey(200, 50, 0), new AnomalyMap(map, 200, 1), 1));
        // matplotlib's inferno at .5: (188, 55, 84), at 1: (252, 255, 164); a quarter and three quarters of it over
        // black.
        int[] red = {47, 14, 21};
        int[] yellow = {189, 191, 123};
        for (int c = 0; c < 3; c++) {
            assertEquals(red[c], pixel(drawn, 50, 20)[c], 2);
            assertEquals(yellow[c], pixel(drawn, 150, 20)[c], 2);
        }
    }

    @Test
    void drawsContourAroundTheAnomalousArea() {
        float[] map = new float[16];
        map[4 * 3 + 2] = 5;
        Pixels drawn = decoded(Heatmap.png(grey(200, 100, 30), new AnomalyMap(map, 4, 4), 2));
        int[] contour = Heatmap.contourColour();
        int coloured = 0;
        int line = 0;
        for (int y = 0; y < 100; y++) {
            for (int x = 0; x < 200; x++) {
                int[] pixel = pixel(drawn, x, y);
                if (Arrays.equals(contour, pixel)) {
                    line++;
                } else if (!Arrays.equals(new int[] {30, 30, 30}, pixel)) {
                    coloured++;
                    assertTrue(
                            x > 90 && x < 160 && y > 50,
                            "colour outside the third column of the lowest row: " + x + ", " + y);
                }
            }
        }
        assertTrue(coloured > 300, "pixels in colour: " + coloured);
        assertTrue(line > 60 && line < coloured, "pixels of the contour: " + line);
    }

    @Test
    void legendMarksTheThresholdBelowTheImage() {
        Pixels drawn = decoded(Heatmap.png(grey(40, 20, 30), new AnomalyMap(new float[] {0}, 1, 1), 2));
        assertEquals(HeatmapLegend.MIN_WIDTH, drawn.width());
        for (int y = 0; y < 20; y++) {
            for (int x = 0; x < HeatmapLegend.MIN_WIDTH; x++) {
                int expected = x < 40 ? 30 : 255;
                assertArrayEquals(new int[] {expected, expected, expected}, pixel(drawn, x, y));
            }
        }
        assertArrayEquals(Heatmap.contourColour(), pixel(drawn, HeatmapLegend.MIN_WIDTH / 2, 20 + 8));
    }

    @Test
    void heatmapOfALargeImageStaysBelowFourMegabytes() {
        byte[] noise = new byte[3 * 4000 * 3000];
        new Random(1).nextBytes(noise);
        float[] map = new float[28 * 28];
        Arrays.fill(map, 3);
        byte[] png = Heatmap.png(new Pixels(4000, 3000, noise), new AnomalyMap(map, 28, 28), 2);
        Pixels drawn = decoded(png);
        assertEquals(Heatmap.DEFAULT_LONGEST_SIDE, drawn.width());
        assertEquals(768 + HeatmapLegend.HEIGHT, drawn.height());
        Pixels tall = decoded(Heatmap.png(grey(300, 4000, 10), new AnomalyMap(map, 28, 28), 2, 256));
        assertEquals(256, tall.height());
        byte[] square = Heatmap.png(
                new Pixels(3400, 3400, Arrays.copyOf(noise, 3 * 3400 * 3400)), new AnomalyMap(map, 28, 28), 2);
        assertTrue(Math.max(png.length, square.length) < 4_000_000, png.length + " and " + square.length + " bytes");
    }

    @Test
    void rejectsMapOfWrongSize() {
        assertThrows(
                IllegalArgumentException.class,
                () -> Heatmap.png(grey(2, 2, 0), new AnomalyMap(new float[3], 2, 2), 1));
    }
}
