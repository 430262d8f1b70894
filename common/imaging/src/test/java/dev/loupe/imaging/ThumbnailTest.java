package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The thumbnails are read with the JDK's own JPEG reader, which Loupe uses nowhere else. */
class ThumbnailTest {
    private static BufferedImage thumbnail(byte[] encoded, int longestSide) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(Thumbnail.jpeg(encoded, longestSide)));
    }

    /** An image whose colours change slowly, so that JPEG changes them little. */
    private static BufferedImage slopes(int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            int x = i % width;
            int y = i / width;
            image.setRGB(x, y, 255 * x / width << 16 | 255 * y / height << 8 | 128);
        }
        return image;
    }

    @ParameterizedTest
    @CsvSource({"640,480,128,128,96", "480,640,256,192,256", "100,50,128,100,50", "4000,2,128,128,1", "1,1,128,1,1"})
    void keepsTheAspectRatioAndEnlargesNothing(
            int width, int height, int longestSide, int expectedWidth, int expectedHeight) throws IOException {
        BufferedImage small = thumbnail(Encoded.write(slopes(width, height), "png"), longestSide);
        assertEquals(expectedWidth, small.getWidth());
        assertEquals(expectedHeight, small.getHeight());
    }

    @Test
    void averagesAreas() throws IOException {
        BufferedImage image = slopes(512, 512);
        BufferedImage small = thumbnail(Encoded.write(image, "png"), 128);
        for (int i = 0; i < 128 * 128; i++) {
            for (int shift = 0; shift <= 16; shift += 8) {
                double expected = mean(image, i % 128 * 4, i / 128 * 4, shift);
                int actual = small.getRGB(i % 128, i / 128) >> shift & 0xFF;
                assertEquals(expected, actual, 6, "pixel " + i + ", bits from " + shift);
            }
        }
    }

    private static double mean(BufferedImage image, int x, int y, int shift) {
        int sum = 0;
        for (int i = 0; i < 16; i++) {
            sum += image.getRGB(x + i % 4, y + i / 4) >> shift & 0xFF;
        }
        return sum / 16.0;
    }

    @Test
    void turnsAnImageUpright() throws IOException {
        byte[] turned = Encoded.withOrientation(Encoded.write(slopes(640, 320), "jpeg"), 6);
        BufferedImage small = thumbnail(turned, 128);
        assertEquals(64, small.getWidth());
        assertEquals(128, small.getHeight());
        // Stored red grows to the right: upright, it grows downwards.
        assertTrue((small.getRGB(32, 120) >> 16 & 0xFF) > 200);
        assertTrue((small.getRGB(32, 8) >> 16 & 0xFF) < 55);
    }

    @Test
    void showsEveryKindThatIsDecoded() {
        List<ImageKind> kinds =
                ImageKinds.all().stream().filter(kind -> kind.refusal() == null).toList();
        assertTrue(kinds.size() >= 200, kinds.size() + " kinds");
        assertAll(kinds.stream().map(kind -> (Executable) () -> {
            BufferedImage small = thumbnail(kind.file(), 256);
            Pixels expected = kind.expected();
            assertEquals(expected.width(), small.getWidth(), kind::toString);
            assertEquals(expected.height(), small.getHeight(), kind::toString);
            assertEquals(
                    brightness(c -> mean(expected, c)), brightness(c -> mean(small, 16 - 8 * c)), 4, kind::toString);
        }));
    }

    /** Luma of BT.601, which JPEG keeps better than colours. */
    private static double brightness(IntToDoubleFunction mean) {
        return 0.299 * mean.applyAsDouble(0) + 0.587 * mean.applyAsDouble(1) + 0.114 * mean.applyAsDouble(2);
    }

    private static double mean(Pixels pixels, int channel) {
        double sum = 0;
        for (int i = channel; i < pixels.rgb().length; i += 3) {
            sum += pixels.rgb()[i] & 0xFF;
        }
        return 3 * sum / pixels.rgb().length;
    }

    private static double mean(BufferedImage image, int shift) {
        double sum = 0;
        for (int i = 0; i < image.getWidth() * image.getHeight(); i++) {
            sum += image.getRGB(i % image.getWidth(), i / image.getWidth()) >> shift & 0xFF;
        }
        return sum / image.getWidth() / image.getHeight();
    }

    @Test
    void isTheSameEachTime() {
        byte[] image = Encoded.write(slopes(300, 200), "png");
        assertArrayEquals(Thumbnail.jpeg(image, 128), Thumbnail.jpeg(image, 128));
    }

    @Test
    void rejectsDamagedImages() {
        byte[] image = Encoded.write(slopes(300, 200), "png");
        byte[] half = Arrays.copyOf(image, image.length / 2);
        assertThrows(DamagedImageException.class, () -> Thumbnail.jpeg(half, 128));
    }
}
