package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessingTest {
    private static final float[] ZERO = {0, 0, 0};
    private static final float[] ONE = {1, 1, 1};

    private static Pixels image(int width, int height, int... greys) {
        byte[] rgb = new byte[3 * greys.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) greys[i / 3];
        }
        return new Pixels(width, height, rgb);
    }

    private static float[] red(Preprocessing preprocessing, Pixels image) {
        float[] input = preprocessing.apply(image);
        assertEquals(3 * preprocessing.width() * preprocessing.height(), input.length);
        return java.util.Arrays.copyOf(input, input.length / 3);
    }

    @Test
    void writesScaledAndStandardisedColourPlanes() {
        Preprocessing imageNet = new Preprocessing(
                2, 1, 255, new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});
        float[] input = imageNet.apply(new Pixels(2, 1, new byte[] {0, 51, 102, (byte) 153, (byte) 204, (byte) 255}));
        float[] expected = {
            -0.485f / 0.229f, (0.6f - 0.485f) / 0.229f,
            (0.2f - 0.456f) / 0.224f, (0.8f - 0.456f) / 0.224f,
            (0.4f - 0.406f) / 0.225f, (1 - 0.406f) / 0.225f
        };
        assertArrayEquals(expected, input, 1e-5f);
    }

    @Test
    void averagesPixelsOfAShrinkingSide() {
        Pixels four = image(4, 2, 0, 10, 100, 200, 20, 30, 40, 60);
        assertArrayEquals(new float[] {15, 100}, red(new Preprocessing(2, 1, 1, ZERO, ONE), four));
    }

    @Test
    void interpolatesPixelsOfAGrowingSide() {
        // Pixel centres are at half pixels, so the weights are 1/4 and 3/4.
        assertArrayEquals(
                new float[] {0, 25, 75, 100}, red(new Preprocessing(4, 1, 1, ZERO, ONE), image(2, 1, 0, 100)));
    }

    @Test
    void shrinksOneSideBeforeItGrowsTheOther() {
        Pixels tall = image(2, 4, 0, 80, 20, 80, 40, 120, 60, 120);
        // The rows are averaged to (10, 80) and (50, 120), then interpolated to four columns; halves round to even.
        assertArrayEquals(
                new float[] {10, 28, 62, 80, 50, 68, 102, 120}, red(new Preprocessing(4, 2, 1, ZERO, ONE), tall));
    }

    @Test
    void rejectsInvalidSizesAndScales() {
        assertThrows(IllegalArgumentException.class, () -> new Preprocessing(0, 1, 1, ZERO, ONE));
        assertThrows(IllegalArgumentException.class, () -> new Preprocessing(1, 1, 0, ZERO, ONE));
        assertThrows(IllegalArgumentException.class, () -> new Preprocessing(1, 1, 1, ZERO, ZERO));
        assertThrows(IllegalArgumentException.class, () -> new Preprocessing(1, 1, 1, new float[2], ONE));
        assertThrows(
                IllegalArgumentException.class, () -> new Preprocessing(1, 1, 1, new float[] {Float.NaN, 0, 0}, ONE));
    }

    @ParameterizedTest
    @CsvSource({"100,50,2", "99,50,1", "100,51,1", "200,50,4", "199,50,2", "400,50,8", "9999,1,8"})
    void choosesLargestReductionThatKeepsTheWantedPixels(int side, int wanted, int reduction) {
        assertEquals(reduction, ImageDecoder.reduction(side, wanted));
    }

    @Test
    void reducedJpegHasAlmostTheSameInputAsTheFullSize() {
        byte[] jpeg = Encoded.write(photo(1600, 1200), "jpeg");
        float[] reduced = new Preprocessing(32, 32, 1, ZERO, ONE).apply(jpeg);
        float[] whole = new Preprocessing(32, 32, 1, ZERO, ONE, 0, null).apply(jpeg);
        assertArrayEquals(new Preprocessing(32, 32, 1, ZERO, ONE).apply(ImageDecoder.decode(jpeg)), whole);
        assertArrayEquals(whole, reduced, 2f);
        assertFalse(Arrays.equals(whole, reduced), "the JPEG was decoded in full size");
    }

    @Test
    void decodesOtherFormatsAndSmallJpegsInFullSize() {
        byte[] jpeg = Encoded.write(photo(250, 250), "jpeg");
        byte[] png = Encoded.write(photo(900, 900), "png");
        Preprocessing preprocessing = new Preprocessing(32, 32, 1, ZERO, ONE);
        assertArrayEquals(preprocessing.apply(ImageDecoder.decode(jpeg)), preprocessing.apply(jpeg));
        assertArrayEquals(preprocessing.apply(ImageDecoder.decode(png)), preprocessing.apply(png));
    }

    @Test
    void missingJpegSideMeansFullSize() throws IOException {
        Preprocessing read = JsonMapper.builder()
                .build()
                .readValue(
                        "{'width':2,'height':1,'scale':255,'mean':[0,0,0],'std':[1,1,1]}".replace('\'', '"'),
                        Preprocessing.class);
        assertEquals(new Preprocessing(2, 1, 255, ZERO, ONE, 0, ImagePreparation.NONE), read);
    }

    static BufferedImage photo(int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            int grey = (int) (128 + 100 * Math.sin(i % width / 40.0) * Math.cos(i / width / 25.0)) + i % 7;
            image.setRGB(i % width, i / width, grey << 16 | (255 - grey) << 8 | grey / 2);
        }
        return image;
    }
}
