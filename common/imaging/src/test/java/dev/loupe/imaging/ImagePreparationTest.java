package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.loupe.imaging.ImagePreparation.Denoise;
import dev.loupe.imaging.ImagePreparation.Fit;
import dev.loupe.imaging.ImagePreparation.Margins;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ImagePreparationTest {
    private static final int SIDE = 32;

    @Test
    void marginsAreCutOff() {
        Pixels image = grey(10, 4, i -> 10 * (i % 10) + i / 10);
        ImagePreparation right = region(new Margins(.2, .25, .3, .25), Fit.STRETCH);
        assertArrayEquals(new int[] {21, 31, 41, 51, 61, 22, 32, 42, 52, 62}, red(right, 5, 2, image));
    }

    @Test
    void marginsOfWhichLittleIsLeftAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Margins(.5, 0, .5, 0));
        assertThrows(IllegalArgumentException.class, () -> new Margins(0, -.1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Margins(0, Double.NaN, 0, 0));
        assertEquals(1, new Margins(.45, .45, .45, .45).width(4));
    }

    @Test
    void paddingKeepsTheAspectRatio() {
        Pixels wide = grey(4, 2, i -> 10 * (i + 1));
        assertArrayEquals(
                new int[] {127, 127, 127, 127, 10, 20, 30, 40, 50, 60, 70, 80, 127, 127, 127, 127},
                red(region(Margins.NONE, Fit.PAD), 4, 4, wide));
        // Half the size: one row of averages, above it (4 - 1) / 2 rows of padding.
        assertArrayEquals(
                new int[] {127, 127, 35, 55, 127, 127, 127, 127}, red(region(Margins.NONE, Fit.PAD), 2, 4, wide));
    }

    @Test
    void croppingKeepsTheAspectRatio() {
        Pixels wide = grey(6, 4, i -> 10 * (i % 6) + i / 6);
        assertArrayEquals(
                new int[] {10, 20, 30, 40, 11, 21, 31, 41, 12, 22, 32, 42, 13, 23, 33, 43},
                red(region(Margins.NONE, Fit.CROP), 4, 4, wide));
        // Half the size, then the middle of three columns.
        assertArrayEquals(new int[] {26, 28}, red(region(Margins.NONE, Fit.CROP), 1, 2, wide), "averages 25.5, 27.5");
    }

    /** ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B. */
    @Test
    void greyIsTheLumaInAllChannels() {
        float[] input = input(filter(Denoise.NONE, false, true), 2, 1, new Pixels(2, 1, new byte[] {
            (byte) 200, 100, 50, 0, (byte) 255, 10
        }));
        assertArrayEquals(new float[] {124, 151, 124, 151, 124, 151}, input, 1);
    }

    /** Weights of a standard deviation of 0.8 at distances 0 and 1: 0.5220 and 0.2390. */
    @Test
    void gaussianBlurSpreadsAnImpulse() {
        int[] blurred = red(filter(Denoise.GAUSSIAN, false, false), 5, 5, grey(5, 5, i -> i == 12 ? 255 : 0));
        assertEquals(69.5, blurred[12], 1);
        assertEquals(31.8, blurred[11], 1);
        assertEquals(31.8, blurred[7], 1);
        assertEquals(14.6, blurred[6], 1);
        assertEquals(0, blurred[10]);
    }

    @Test
    void theMedianRemovesSinglePixels() {
        Pixels salt = grey(5, 5, i -> i == 12 ? 255 : i % 5 >= 3 ? 90 : 40);
        int[] clean = red(filter(Denoise.MEDIAN, false, false), 5, 5, salt);
        assertEquals(40, clean[12], "five of nine neighbours are 40");
        assertEquals(90, clean[14]);
    }

    @ParameterizedTest
    @EnumSource(value = Denoise.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void noiseIsReducedAndAnEdgeStays(Denoise denoise) {
        Random random = new Random(1);
        Pixels noisy =
                grey(SIDE, SIDE, i -> (i % SIDE < SIDE / 2 ? 50 : 200) + (int) Math.round(4 * random.nextGaussian()));
        int[] before = red(ImagePreparation.NONE, SIDE, SIDE, noisy);
        int[] after = red(filter(denoise, false, false), SIDE, SIDE, noisy);
        assertTrue(deviation(after) < .8 * deviation(before), deviation(before) + " became " + deviation(after));
        for (int row = 2; row < SIDE - 2; row++) {
            assertEquals(50, after[row * SIDE + SIDE / 2 - 3], 15);
            assertEquals(200, after[row * SIDE + SIDE / 2 + 2], 15);
        }
    }

    /** The standard deviation of the left part of each row, where the truth is constant. */
    private static double deviation(int[] image) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < image.length; i++) {
            if (i % SIDE < SIDE / 2 - 3) {
                sum += (image[i] - 50) * (image[i] - 50);
                count++;
            }
        }
        return Math.sqrt(sum / count);
    }

    @Test
    void claheStretchesLowContrastAndKeepsGreyGrey() {
        int side = 256;
        Random random = new Random(2);
        Pixels low = grey(side, side, _ -> 100 + random.nextInt(16));
        float[] input = input(filter(Denoise.NONE, true, false), side, side, low);
        int plane = side * side;
        int[] red = red(filter(Denoise.NONE, true, false), side, side, low);
        int range = Arrays.stream(red).max().orElseThrow()
                - Arrays.stream(red).min().orElseThrow();
        assertTrue(range >= 2 * 15 && range <= 4 * 15, "range of values: " + range);
        for (int i = 0; i < plane; i++) {
            assertEquals(input[i], input[plane + i], 2);
            assertEquals(input[i], input[2 * plane + i], 2);
        }
    }

    @Test
    void aJpegIsDecodedLargeEnoughForWhatIsLeft() {
        byte[] jpeg = Encoded.write(PreprocessingTest.photo(512, 512), "jpeg");
        ImagePreparation middle = region(new Margins(.4, .4, .4, .4), Fit.STRETCH);
        Preprocessing reduced = preprocessing(SIDE, SIDE).with(middle);
        Preprocessing whole = new Preprocessing(SIDE, SIDE, 1, reduced.mean(), reduced.std(), 0, middle);
        assertArrayEquals(whole.apply(jpeg), reduced.apply(jpeg));
    }

    @Test
    void filesAndPixelsGiveTheSameInput() {
        byte[] png = Encoded.write(PreprocessingTest.photo(90, 60), "png");
        Preprocessing all = preprocessing(SIDE, SIDE)
                .with(new ImagePreparation(new Margins(.1, .2, 0, .1), Fit.PAD, Denoise.MEDIAN, true, true));
        assertArrayEquals(all.apply(ImageDecoder.decode(png)), all.apply(png));
    }

    @Test
    void isReadBackFromJson() throws IOException {
        Preprocessing written = preprocessing(4, 4)
                .with(new ImagePreparation(new Margins(0, .1, 0, 0), Fit.CROP, Denoise.NON_LOCAL_MEANS, true, false));
        JsonMapper json = JsonMapper.builder().build();
        String text = json.writeValueAsString(written);
        assertTrue(text.contains("\"denoise\":\"non-local-means\""), text);
        assertEquals(written, json.readValue(text, Preprocessing.class));
    }

    private static ImagePreparation region(Margins margins, Fit fit) {
        return new ImagePreparation(margins, fit, Denoise.NONE, false, false);
    }

    private static ImagePreparation filter(Denoise denoise, boolean clahe, boolean grey) {
        return new ImagePreparation(Margins.NONE, Fit.STRETCH, denoise, clahe, grey);
    }

    private static Preprocessing preprocessing(int width, int height) {
        return new Preprocessing(width, height, 1, new float[3], new float[] {1, 1, 1});
    }

    private static float[] input(ImagePreparation preparation, int width, int height, Pixels image) {
        return preprocessing(width, height).with(preparation).apply(image);
    }

    private static int[] red(ImagePreparation preparation, int width, int height, Pixels image) {
        float[] input = input(preparation, width, height, image);
        int[] red = new int[width * height];
        Arrays.setAll(red, i -> (int) input[i]);
        return red;
    }

    private static Pixels grey(int width, int height, IntUnaryOperator value) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < width * height; i++) {
            Arrays.fill(rgb, 3 * i, 3 * i + 3, (byte) value.applyAsInt(i));
        }
        return new Pixels(width, height, rgb);
    }
}
