package dev.loupe.imaging;

import java.nio.ByteBuffer;

/** JPEG within TIFF (TIFF Technical Note 2): each strip or tile is a JPEG file, with its tables stored separately. */
final class TiffJpeg {
    private static final int TABLES = 347;
    /** Maximum size of the tables in bytes; four of each kind need less. */
    private static final int MAX_TABLE_BYTES = 4096;

    private TiffJpeg() {}

    /** Returns a strip or tile as a JPEG file. */
    static JpegImage segment(TiffImage tiff, int index) {
        int length = (int) tiff.length(index);
        if (tiff.tags().count(TABLES) > MAX_TABLE_BYTES) {
            throw new DamagedImageException("TIFF file is damaged: JPEG tables of "
                    + tiff.tags().count(TABLES) + " bytes, expected at most " + MAX_TABLE_BYTES);
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
            throw new DamagedImageException("TIFF file is damaged: expected a JPEG of "
                    + tiff.layout().samples() + " components, got " + jpeg.components());
        }
        return jpeg;
    }
}
