package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Files that are truncated, changed, or have a wrong header. */
class DamagedImagesTest {
    private static final int MUTATIONS = 12;

    @Test
    void rejectsJpegWithoutEndMarker() {
        byte[] whole = JpegWriter.flat(64, 64, 1, 8);
        byte[] cut = Arrays.copyOf(whole, whole.length - 2);
        DamagedImageException damaged = assertThrows(DamagedImageException.class, () -> ImageDecoder.inspect(cut));
        assertTrue(damaged.getMessage().contains("end marker"), damaged.getMessage());
    }

    @Test
    void rejectsJpegWithFewerPixelsThanItsHeaderDeclares() {
        byte[] truncated = JpegWriter.flat(64, 64, 1, 5);
        DamagedImageException damaged =
                assertThrows(DamagedImageException.class, () -> ImageDecoder.inspect(truncated));
        assertTrue(damaged.getMessage().contains("64 x 64"), damaged.getMessage());
        assertThrows(DamagedImageException.class, () -> ImageDecoder.decode(truncated));
        byte[] photo = Encoded.write(Encoded.gradient(), "jpeg");
        int frame = ImageKinds.frame(photo);
        photo[frame + 6] = 100;
        assertThrows(DamagedImageException.class, () -> ImageDecoder.decode(photo));
    }

    @Test
    void ignoresJpegDataBeyondTheDeclaredPixels() {
        assertEquals(
                new ImageInspection(ImageFormat.JPEG, 64, 64), ImageDecoder.inspect(JpegWriter.flat(64, 64, 0, 20)));
    }

    @Test
    void decodesMiddleGreyAsData() {
        for (byte[] grey : List.of(JpegWriter.flat(64, 64, 0, 8), JpegWriter.scans(64, 64, 5))) {
            Pixels pixels = ImageDecoder.decode(grey);
            assertEquals(128, pixels.rgb()[pixels.rgb().length - 1] & 0xFF);
        }
    }

    @Test
    void rejectsJpegWithTooManyScans() {
        assertEquals(640, ImageDecoder.inspect(JpegWriter.scans(640, 480, 100)).width());
        ImageTooLargeException rejected =
                assertThrows(ImageTooLargeException.class, () -> ImageDecoder.inspect(JpegWriter.scans(64, 48, 101)));
        assertTrue(rejected.getMessage().contains("100 scans"), rejected.getMessage());
        assertThrows(ImageTooLargeException.class, () -> ImageDecoder.inspect(JpegWriter.scans(10_000, 9_000, 23)));
    }

    @Test
    void rejectsTiffWithDamagedData() {
        Drawing drawing = new Drawing(40, 30);
        for (int compression : new int[] {TiffWriter.LZW, TiffWriter.DEFLATE, TiffWriter.PACK_BITS}) {
            TiffWriter writer = new TiffWriter(drawing, 8, 1, 1).compression(compression);
            byte[] empty = writer.file(java.util.Collections.nCopies(6, new byte[3]));
            assertThrows(DamagedImageException.class, () -> ImageDecoder.inspect(empty));
        }
    }

    @Test
    void rejectsOverlappingStrips() {
        TiffWriter writer = new TiffWriter(new Drawing(400, 400), 8, 1, 1);
        byte[] file = writer.file(java.util.Collections.nCopies(80, new byte[400 * 5]));
        // The strips fill the file exactly; without its last byte they do not fit.
        byte[] cut = Arrays.copyOf(file, file.length - 1);
        assertThrows(DamagedImageException.class, () -> ImageDecoder.inspect(cut));
        assertEquals(400, ImageDecoder.inspect(file).width());
    }

    @Test
    void decodesOrRejectsMutatedFilesOfEachKind() {
        Random random = new Random(11);
        int rejected = 0;
        for (ImageKind kind : ImageKinds.all()) {
            for (int i = 0; i < MUTATIONS; i++) {
                byte[] changed = mutated(kind.file(), random);
                try {
                    ImageDecoder.inspect(changed);
                    ImageDecoder.decode(changed, 16);
                } catch (UnsupportedImageException | DamagedImageException e) {
                    rejected++;
                } catch (RuntimeException e) {
                    fail(kind + " changed to " + java.util.HexFormat.of().formatHex(changed), e);
                }
            }
        }
        assertTrue(rejected > 100, rejected + " rejected");
    }

    private static byte[] mutated(byte[] file, Random random) {
        byte[] changed = random.nextInt(4) == 0 ? Arrays.copyOf(file, random.nextInt(file.length)) : file.clone();
        for (int flips = random.nextInt(4); flips >= 0 && changed.length > 0; flips--) {
            // Changes in headers have the largest effect.
            int within = random.nextBoolean() ? Math.min(200, changed.length) : changed.length;
            changed[random.nextInt(within)] ^= (byte) (1 << random.nextInt(8));
        }
        return changed;
    }
}
