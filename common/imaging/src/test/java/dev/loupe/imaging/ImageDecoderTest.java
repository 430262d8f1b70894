package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
    private static int rgb(Pixels pixels, int x, int y) {
        int i = 3 * (y * pixels.width() + x);
        return (pixels.rgb()[i] & 0xFF) << 16 | (pixels.rgb()[i + 1] & 0xFF) << 8 | pixels.rgb()[i + 2] & 0xFF;
    }

    private static void assertIsGradient(Pixels pixels) {
        assertEquals(6, pixels.width());
        assertEquals(4, pixels.height());
        BufferedImage expected = Encoded.gradient();
        for (int i = 0; i < 24; i++) {
            assertEquals(expected.getRGB(i % 6, i / 6) & 0xFFFFFF, rgb(pixels, i % 6, i / 6), "pixel " + i);
        }
    }

    static Stream<byte[]> lossless() {
        return Stream.of(
                Encoded.write(Encoded.gradient(), "png"),
                Encoded.write(Encoded.gradient(), "bmp"),
                Encoded.write(Encoded.gradient(), "tiff"),
                Encoded.WEBP,
                Encoded.TIFF);
    }

    @ParameterizedTest
    @MethodSource("lossless")
    void decodesLosslessFilesExactly(byte[] encoded) {
        assertIsGradient(ImageDecoder.decode(encoded));
    }

    /** Orientations as EXIF 2.32 defines them: where the top left of the upright image lies in the stored one. */
    @ParameterizedTest
    @CsvSource({"1,RGBW", "2,GRWB", "3,WBGR", "4,BWRG", "5,RBGW", "6,BRWG", "7,WGBR", "8,GWRB"})
    void appliesAllEightOrientations(int orientation, String upright) {
        BufferedImage quarters = new BufferedImage(32, 16, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = quarters.createGraphics();
        Color[] colours = {Color.RED, Color.GREEN, Color.BLUE, Color.WHITE};
        for (int i = 0; i < 4; i++) {
            graphics.setColor(colours[i]);
            graphics.fillRect(i % 2 * 16, i / 2 * 8, 16, 8);
        }
        graphics.dispose();
        Pixels pixels = ImageDecoder.decode(Encoded.withOrientation(Encoded.write(quarters, "jpeg"), orientation));
        assertEquals(orientation < 5 ? 32 : 16, pixels.width());
        assertEquals(orientation < 5 ? 16 : 32, pixels.height());
        StringBuilder seen = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            int colour = rgb(pixels, (2 * (i % 2) + 1) * pixels.width() / 4, (2 * (i / 2) + 1) * pixels.height() / 4);
            boolean red = (colour >> 16 & 0xFF) > 127;
            boolean green = (colour >> 8 & 0xFF) > 127;
            seen.append(red && green ? 'W' : red ? 'R' : green ? 'G' : 'B');
        }
        assertEquals(upright, seen.toString());
    }

    @Test
    void convertsCmykToTheColoursOfPillow() {
        Pixels pixels = ImageDecoder.decode(Encoded.CMYK_JPEG);
        int colour = rgb(pixels, 3, 3);
        assertEquals(46, colour >> 16 & 0xFF, 2);
        assertEquals(190, colour >> 8 & 0xFF, 2);
        assertEquals(164, colour & 0xFF, 2);
    }

    @Test
    void scalesSixteenBitsToEight() {
        BufferedImage deep = new BufferedImage(3, 1, BufferedImage.TYPE_USHORT_GRAY);
        deep.getRaster().setPixels(0, 0, 3, 1, new int[] {0, 0x8080, 0xFFFF});
        Pixels pixels = ImageDecoder.decode(Encoded.write(deep, "png"));
        assertArrayEquals(new byte[] {0, 0, 0, (byte) 128, (byte) 128, (byte) 128, -1, -1, -1}, pixels.rgb());
    }

    @Test
    void decodesPalettesAndBilevelImages() {
        byte[] reds = {0, (byte) 250};
        IndexColorModel palette = new IndexColorModel(1, 2, reds, new byte[] {10, 20}, new byte[] {30, 40});
        BufferedImage image = new BufferedImage(9, 2, BufferedImage.TYPE_BYTE_BINARY, palette);
        image.getRaster().setSample(8, 1, 0, 1);
        Pixels pixels = ImageDecoder.decode(Encoded.write(image, "png"));
        assertEquals(0x000A1E, rgb(pixels, 0, 0));
        assertEquals(0xFA1428, rgb(pixels, 8, 1));

        Pixels fax = ImageDecoder.decode(Encoded.TIFF_FAX);
        assertEquals(0xFFFFFF, rgb(fax, 0, 0));
        assertEquals(0x000000, rgb(fax, 1, 0));
        assertEquals(0xFFFFFF, rgb(fax, 8, 2));
    }

    @Test
    void rendersTransparencyOnWhite() {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00FF0000);
        image.setRGB(1, 0, 0xFF102030);
        image.setRGB(2, 0, 0x80000000);
        Pixels pixels = ImageDecoder.decode(Encoded.write(image, "png"));
        assertEquals(0xFFFFFF, rgb(pixels, 0, 0));
        assertEquals(0x102030, rgb(pixels, 1, 0));
        assertEquals(0x7F7F7F, rgb(pixels, 2, 0));
        // 200, 100 and 0 at 128/255 over white
        assertEquals(0xE3B17F, rgb(ImageDecoder.decode(Encoded.WEBP_ALPHA), 1, 1));
        // 100 at 51/255 over white
        assertEquals(0xE0E0E0, rgb(ImageDecoder.decode(Encoded.PNG_GREY_ALPHA), 1, 1));
    }

    @Test
    void decodesFirstFrameOfAnimation() {
        assertEquals(0xFF0000, rgb(ImageDecoder.decode(Encoded.WEBP_ANIMATION), 2, 2));
    }

    @Test
    void decodesOnePixel() {
        BufferedImage one = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        one.setRGB(0, 0, 0x123456);
        byte[] encoded = Encoded.write(one, "png");
        assertEquals(new ImageInspection(ImageFormat.PNG, 1, 1), ImageDecoder.inspect(encoded));
        assertEquals(0x123456, rgb(ImageDecoder.decode(encoded), 0, 0));
    }

    @Test
    void detectsFormatByContent() {
        assertEquals(ImageFormat.WEBP, ImageDecoder.inspect(Encoded.WEBP).format());
        assertEquals(ImageFormat.TIFF, ImageDecoder.inspect(Encoded.TIFF).format());
        assertEquals(
                ImageFormat.BMP,
                ImageDecoder.inspect(Encoded.write(Encoded.gradient(), "bmp")).format());
        assertEquals(
                ImageFormat.JPEG,
                ImageDecoder.inspect(Encoded.write(Encoded.gradient(), "jpeg")).format());
    }

    static Stream<byte[]> whole() {
        return Stream.concat(lossless(), Stream.of(Encoded.write(Encoded.gradient(), "jpeg"), Encoded.CMYK_JPEG));
    }

    @ParameterizedTest
    @MethodSource("whole")
    void rejectsFilesTruncatedAtAnyByte(byte[] encoded) {
        for (int length = 0; length < encoded.length; length++) {
            byte[] part = Arrays.copyOf(encoded, length);
            RuntimeException error = null;
            try {
                ImageDecoder.decode(part);
            } catch (UnsupportedImageException | DamagedImageException e) {
                error = e;
            }
            // The last byte of a WebP may be padding, and the last bytes of a TIFF may belong to no tag.
            assertTrue(error != null || length >= encoded.length - 8, length + " of " + encoded.length + " bytes");
        }
    }

    @Test
    void rejectsPngWithAChangedByte() {
        byte[] encoded = Encoded.write(Encoded.gradient(), "png");
        for (int i = 8; i < encoded.length; i++) {
            byte[] changed = encoded.clone();
            changed[i] ^= 4;
            assertThrows(IllegalArgumentException.class, () -> ImageDecoder.decode(changed));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "<svg xmlns='http://www.w3.org/2000/svg'><rect width='9' height='9'/></svg>",
                "<?xml version='1.0'?><svg/>",
                "<!DOCTYPE html><html><body>a</body></html>",
                "%PDF-1.7 and so on and on",
                "PK\u0003\u0004 and so on and on",
                "\0\0\0\u0018ftypheic and so on"
            })
    void rejectsOtherContentWithItsFormat(String content) {
        byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
        UnsupportedImageException refused =
                assertThrows(UnsupportedImageException.class, () -> ImageDecoder.inspect(bytes));
        assertTrue(refused.getMessage().contains("image"), refused.getMessage());
    }

    @Test
    void namesUnsupportedFormats() {
        assertEquals(
                "a GIF is not supported, expected an image: JPEG, PNG, WebP, BMP or TIFF",
                assertThrows(UnsupportedImageException.class, () -> ImageDecoder.inspect(Encoded.GIF))
                        .getMessage());
        assertTrue(assertThrows(UnsupportedImageException.class, () -> ImageDecoder.inspect(Encoded.TIFF_FLOAT))
                .getMessage()
                .contains("floating-point samples of 32 bits"));
    }

    @ParameterizedTest
    @CsvSource({
        "70000,70000,65500 pixels per side",
        "65500,1600,100 megapixels",
        "9000,9000,10000 pixels per byte",
        "-1,-1,65500 pixels per side"
    })
    void rejectsHeaderOfTooLargeImageBeforeAllocatingMemory(int width, int height, String limit) {
        UnsupportedImageException refused = assertThrows(
                UnsupportedImageException.class, () -> ImageDecoder.inspect(Encoded.pngWithHeader(width, height)));
        assertTrue(refused.getMessage().contains(limit), refused.getMessage());
    }

    @Test
    void rejectsHeaderWithoutPixels() {
        assertThrows(DamagedImageException.class, () -> ImageDecoder.inspect(Encoded.pngWithHeader(0, 7)));
        assertThrows(DamagedImageException.class, () -> ImageDecoder.inspect(Encoded.pngWithHeader(7, 7)));
    }

    @ParameterizedTest
    @CsvSource({"png,1", "jpeg,1", "jpeg,6"})
    void reducesToTheRequestedLongestSide(String format, int orientation) {
        byte[] file = Encoded.write(new BufferedImage(1000, 500, BufferedImage.TYPE_INT_RGB), format);
        Pixels small =
                ImageDecoder.decode(format.equals("png") ? file : Encoded.withOrientation(file, orientation), 90);
        assertEquals(orientation == 1 ? 90 : 45, small.width());
        assertEquals(orientation == 1 ? 45 : 90, small.height());
        assertEquals(4, ImageDecoder.decode(Encoded.WEBP_ANIMATION, 90).width(), "a smaller image stays as it is");
        assertThrows(IllegalArgumentException.class, () -> ImageDecoder.decode(file, 0));
    }
}
