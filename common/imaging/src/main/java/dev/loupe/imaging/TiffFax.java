package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR_RGB;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/** Decodes faxes (TIFF 6.0, sections 10 and 11) with libtiff, from a directory reduced to the necessary tags. */
final class TiffFax {
    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int ENTRIES = 11;

    private TiffFax() {}

    static Mat decode(TiffImage tiff) {
        TiffLayout layout = tiff.layout();
        if (layout.segmentWidth() != layout.width()) {
            throw TiffLayout.unsupported("fax compression in tiles", "strips");
        }
        int strips = layout.down();
        // Header, strip offsets and lengths, directory; then the file, with shifted offsets.
        int shift = 8 + 8 * strips + 2 + 12 * ENTRIES + 4;
        ByteBuffer head = ByteBuffer.allocate(shift).order(ByteOrder.LITTLE_ENDIAN);
        head.put(new byte[] {'I', 'I', 42, 0}).putInt(8 + 8 * strips);
        for (int i = 0; i < strips; i++) {
            head.putInt((int) tiff.offset(i) + shift);
        }
        for (int i = 0; i < strips; i++) {
            head.putInt((int) tiff.length(i));
        }
        head.putShort((short) ENTRIES);
        entry(head, 256, 1, layout.width());
        entry(head, 257, 1, layout.height());
        entry(head, 258, 1, 1);
        entry(head, 259, 1, layout.compression());
        entry(head, 262, 1, 1);
        entry(head, 266, 1, tiff.tags().valueOr(266, 1));
        entry(head, 273, strips, strips == 1 ? head.getInt(8) : 8);
        entry(head, 278, 1, layout.segmentHeight());
        entry(head, 279, strips, strips == 1 ? head.getInt(12) : 8 + 4L * strips);
        entry(head, 292, 1, tiff.tags().valueOr(292, 0));
        entry(head, 293, 1, tiff.tags().valueOr(293, 0));
        head.putInt(0).flip();
        Mat rgb = OpenCv.decode(List.of(head, ByteBuffer.wrap(tiff.encoded())), IMREAD_COLOR_RGB);
        if (layout.colour().kind() == TiffColour.Kind.WHITE_IS_ZERO) {
            opencv_core.bitwise_not(rgb, rgb);
        }
        return rgb;
    }

    private static void entry(ByteBuffer head, int tag, int count, long value) {
        boolean small = tag == 258 || tag == 259 || tag == 262 || tag == 266;
        head.putShort((short) tag)
                .putShort((short) (small ? SHORT : LONG))
                .putInt(count)
                .putInt((int) value);
    }
}
