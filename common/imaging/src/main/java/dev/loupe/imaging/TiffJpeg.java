package dev.loupe.imaging;

import java.nio.ByteBuffer;

/** JPEG within TIFF (TIFF Technical Note 2): each strip or tile is a JPEG file, with its tables stored separately. */
final class TiffJpeg {
    private static final int TABLES = 347;
    /** Most bytes of tables; four of each kind take less. */
    private static final int MOST_TABLES = 4096;

    private TiffJpeg() {}

    /** Returns a strip or tile as a JPEG file. */
    static JpegImage segment(TiffImage tiff, int index) {
        int length = (int) tiff.length(index);
        if (tiff.tags().count(TABLES) > MOST_TABLES) {
            throw new DamagedImageException("TIFF file with JPEG tables of "
                    + tiff.tags().count(TABLES) + " bytes, expected at most " + MOST_TABLES);
        }
        ByteBuffer tables = tiff.tags().count(TABLES) > 4 ? tiff.tags().bytes(TABLES) : ByteBuffer.allocate(4);
        ByteBuffer file = ByteBuffer.allocate(2 + 16 + tables.remaining() - 4 + Math.max(0, length - 2));
        file.putShort((short) 0xFFD8);
        // An Adobe segment declares whether the components are RGB or YCbCr; without it, decoders guess.
        boolean rgb = tiff.layout().colour().kind() == TiffColour.Kind.RGB;
        file.putShort((short) 0xFFEE).putShort((short) 14).put(new byte[] {'A', 'd', 'o', 'b', 'e'});
        file.putShort((short) 100).putInt(0).put((byte) (rgb ? 0 : 1));
        file.put(tables.slice(2, tables.remaining() - 4));
        file.put(tiff.encoded(), (int) tiff.offset(index) + 2, Math.max(0, length - 2));
        JpegImage jpeg = JpegImage.read(file.array());
        if (jpeg.components() != tiff.layout().samples()) {
            throw new DamagedImageException(
                    "TIFF file of " + tiff.layout().samples() + " samples with a JPEG of " + jpeg.components());
        }
        return jpeg;
    }
}
