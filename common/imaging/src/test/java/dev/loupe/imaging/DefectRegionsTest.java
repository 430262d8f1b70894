package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class DefectRegionsTest {
    private static final int MANY = 1000;

    /** A mask of 6 x 4 pixels, whose defects have the value 1: a diagonal of two pixels, a bar, and a pixel in the corner. */
    private static byte[] mask() throws IOException {
        BufferedImage mask = new BufferedImage(6, 4, BufferedImage.TYPE_BYTE_GRAY);
        for (int[] pixel : new int[][] {{0, 0}, {1, 1}, {4, 0}, {4, 1}, {5, 3}}) {
            mask.getRaster().setSample(pixel[0], pixel[1], 0, 1);
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(mask, "png", png);
        return png.toByteArray();
    }

    @Test
    void pixelsThatTouchAtASideOrACornerAreOneRegion() throws IOException {
        DefectRegions regions = DefectRegions.read(mask(), MANY);
        assertEquals(3, regions.count());
        assertArrayEquals(
                new int[] {
                    1, 0, 0, 0, 2, 0, //
                    0, 1, 0, 0, 2, 0, //
                    0, 0, 0, 0, 0, 0, //
                    0, 0, 0, 0, 0, 3
                },
                regions.pixels());
        assertArrayEquals(new int[] {19, 2, 2, 1}, regions.sizes());
    }

    @Test
    void aReducedMaskKeepsSmallDefects() throws IOException {
        assertEquals(2, DefectRegions.divisor(6, 4, 6));
        assertEquals(1, DefectRegions.divisor(6, 4, 24));
        DefectRegions regions = DefectRegions.read(mask(), 6);
        assertEquals(3, regions.width());
        assertEquals(2, regions.height());
        assertEquals(2, regions.count(), "the bar and the corner touch");
        assertArrayEquals(new int[] {1, 0, 2, 0, 0, 2}, regions.pixels());
    }

    @Test
    void aBlackMaskHasNoRegion() {
        assertEquals(0, DefectRegions.of(3, 2, new byte[6]).count());
    }

    @Test
    void aDamagedMaskIsRefused() throws IOException {
        byte[] cut = java.util.Arrays.copyOf(mask(), 40);
        assertThrows(DamagedImageException.class, () -> DefectRegions.read(cut, MANY));
    }
}
