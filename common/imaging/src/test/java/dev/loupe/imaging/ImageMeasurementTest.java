package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/** The references are made by numpy, scipy and imagehash: src/test/python/image_properties.py. */
class ImageMeasurementTest {
    /** The same formulas as in the script. */
    private static int grey(String drawing, int x, int y) {
        return switch (drawing) {
            case "hills" -> (Math.abs(x % 230 - 115) + Math.abs((x / 2 + y) % 310 - 155)) * 255 / 270;
            case "slope" -> (x * x / 500 + y * y / 300 + x * y / 900) % 256;
            case "boxes" -> {
                if (x * 5 + y * 3 < 700) {
                    yield (x + y) / 40;
                }
                yield Math.min((x / 160 + y / 130) % 3 == 0 ? 240 + x / 70 : 90 + x % 23 + y % 17 + x / 20, 255);
            }
            case "dim" -> 3 + (x * 7 + y * 13) % 11;
            case "disc" -> (x - 150) * (x - 150) + (y - 90) * (y - 90) < 4900 ? 220 : 60 + (x + y) / 16;
            default -> throw new IllegalArgumentException(drawing);
        };
    }

    private static BufferedImage draw(String drawing, int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, 0x010101 * grey(drawing, x, y));
            }
        }
        return image;
    }

    private static ImageProperties measure(BufferedImage image, String format) {
        return ImageMeasurement.measure(Encoded.write(image, format));
    }

    private static int distance(long hash, String bits) {
        return Long.bitCount(hash ^ Long.parseUnsignedLong(bits, 2));
    }

    @ParameterizedTest
    @CsvFileSource(resources = "properties.csv", numLinesToSkip = 1)
    void agreesWithNumpyScipyAndImagehash(
            String drawing,
            int width,
            int height,
            String perceptual,
            String difference,
            String imagehashPerceptual,
            String imagehashDifference,
            double brightness,
            double darkShare,
            double brightShare,
            double sharpness) {
        ImageProperties measured = measure(draw(drawing, width, height), "png");
        assertEquals(new ImageInspection(ImageFormat.PNG, width, height), measured.inspection());
        assertTrue(distance(measured.perceptualHash(), perceptual) <= 2, "perceptual hash");
        assertTrue(distance(measured.differenceHash(), difference) <= 2, "difference hash");
        // imagehash reduces the image with another filter, which overshoots at edges: flat areas beside them differ.
        assertTrue(distance(measured.perceptualHash(), imagehashPerceptual) <= 4, "phash of imagehash");
        assertTrue(distance(measured.differenceHash(), imagehashDifference) <= 14, "dhash of imagehash");
        assertEquals(brightness, measured.brightness(), 0.05);
        assertEquals(darkShare, measured.darkShare(), 0.002);
        assertEquals(brightShare, measured.brightShare(), 0.002);
        assertEquals(sharpness, measured.sharpness(), 0.01 * sharpness + 0.01);
    }

    @Test
    void hashesHardlyDependOnSizeAndCompression() throws IOException {
        BufferedImage large = draw("disc", 1600, 1200);
        ImageProperties original = measure(large, "png");
        BufferedImage small = ImageIO.read(new ByteArrayInputStream(Thumbnail.jpeg(Encoded.write(large, "png"), 300)));
        ImageProperties copy = measure(small, "jpeg");
        assertTrue(Long.bitCount(original.perceptualHash() ^ copy.perceptualHash()) <= 2);
        assertEquals(original.brightness(), copy.brightness(), 1);
        ImageProperties other = measure(draw("boxes", 1600, 1200), "png");
        assertTrue(Long.bitCount(original.perceptualHash() ^ other.perceptualHash()) > 16);
    }

    @Test
    void blurMakesSharpnessSmall() {
        BufferedImage sharp = draw("boxes", 400, 400);
        BufferedImage blurred = new BufferedImage(400, 400, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 400; y++) {
            for (int x = 0; x < 400; x++) {
                blurred.setRGB(x, y, 0x010101 * mean(sharp, x, y));
            }
        }
        assertTrue(measure(blurred, "png").sharpness() < measure(sharp, "png").sharpness() / 50);
    }

    private static int mean(BufferedImage image, int x, int y) {
        int sum = 0;
        for (int i = 0; i < 81; i++) {
            sum += image.getRGB(Math.clamp(x + i % 9 - 4, 0, 399), Math.clamp(y + i / 9 - 4, 0, 399)) & 0xFF;
        }
        return sum / 81;
    }

    @Test
    void measuresOneColourAndOnePixel() {
        ImageProperties black = measure(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), "png");
        assertEquals(0, black.brightness());
        assertEquals(1, black.darkShare());
        assertEquals(0, black.brightShare());
        assertEquals(0, black.sharpness());
        assertEquals(0, black.differenceHash());
    }

    @Test
    void rejectsDamagedImages() {
        byte[] image = Encoded.write(draw("hills", 300, 200), "png");
        byte[] half = Arrays.copyOf(image, image.length / 2);
        assertThrows(DamagedImageException.class, () -> ImageMeasurement.measure(half));
    }
}
