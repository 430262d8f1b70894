package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * TIFF 6.0 with unsigned integers of 1 to 16 bits, stripped or tiled, interleaved or planar. Of several pages, the
 * first is decoded. Rows are decompressed one after the other, so that memory in addition to the result stays small for
 * all strips and tiles. Faxes and JPEG within TIFF are decoded by OpenCV. OpenCV's TIFF decoder is not used for the
 * rest: it allocates strips and tiles of the declared size, shows damaged ones black, and decodes several variants
 * incorrectly.
 */
record TiffImage(byte[] encoded, TiffDirectory tags, TiffLayout layout, int orientation) implements EncodedImage {

    static TiffImage read(byte[] encoded) {
        TiffDirectory tags = new TiffDirectory(encoded);
        ImageDecoder.requireWithinLimits(
                ImageFormat.TIFF, tags.value(TiffLayout.WIDTH), tags.value(TiffLayout.HEIGHT), encoded.length);
        TiffImage image = new TiffImage(
                encoded,
                tags,
                TiffLayout.of(tags),
                ExifOrientation.valid(tags.valueOr(ExifOrientation.TAG, ExifOrientation.UPRIGHT)));
        image.requireWhole();
        return image;
    }

    private void requireWhole() {
        long bytes = 0;
        for (int i = 0; i < layout.across() * layout.down() * layout.planes(); i++) {
            if (offset(i) + length(i) > encoded.length) {
                throw new DamagedImageException("TIFF file of %d bytes is truncated: strip or tile %d ends at byte %d"
                        .formatted(encoded.length, i, offset(i) + length(i)));
            }
            bytes += length(i);
        }
        if (bytes > encoded.length) {
            throw new DamagedImageException(
                    "TIFF file of %d bytes is damaged: its strips or tiles have %d bytes and overlap"
                            .formatted(encoded.length, bytes));
        }
    }

    @Override
    public ImageFormat format() {
        return ImageFormat.TIFF;
    }

    @Override
    public long width() {
        return layout.width();
    }

    @Override
    public long height() {
        return layout.height();
    }

    @Override
    public long memory(int reduction) {
        long rgb = OpenCv.rgbBytes(layout.width(), layout.height());
        return switch (layout.compression()) {
            // libtiff decodes a whole strip to RGBA; a progressive JPEG keeps its coefficients in memory.
            case TiffLayout.FAX_RUNS, TiffLayout.FAX_3, TiffLayout.FAX_4 ->
                rgb + encoded.length + 5L * layout.segmentWidth() * layout.segmentHeight();
            case TiffLayout.JPEG -> rgb + 2L * encoded.length + 10L * layout.segmentWidth() * layout.segmentHeight();
            default -> rgb;
        };
    }

    @Override
    public Mat decode(int reduction) {
        return switch (layout.compression()) {
            case TiffLayout.FAX_RUNS, TiffLayout.FAX_3, TiffLayout.FAX_4 -> TiffFax.decode(this);
            case TiffLayout.JPEG -> jpeg();
            default -> rows();
        };
    }

    private Mat jpeg() {
        Mat rgb = new Mat(layout.height(), layout.width(), CV_8UC3);
        for (int i = 0; i < layout.across() * layout.down(); i++) {
            try (PointerScope scope = new PointerScope()) {
                JpegImage segment = TiffJpeg.segment(this, i);
                int left = i % layout.across() * layout.segmentWidth();
                int top = i / layout.across() * layout.segmentHeight();
                int width = Math.min(layout.segmentWidth(), layout.width() - left);
                int height = Math.min(layout.segmentHeight(), layout.height() - top);
                if (segment.width() > layout.segmentWidth()
                        || segment.height() > layout.segmentHeight()
                        || segment.width() < width
                        || segment.height() < height) {
                    throw new DamagedImageException(
                            "TIFF file is damaged: tile " + i + " is a JPEG of " + segment.width() + " x "
                                    + segment.height() + " pixels, expected " + layout.segmentWidth() + " x "
                                    + layout.segmentHeight());
                }
                segment.decode(1)
                        .rowRange(0, height)
                        .colRange(0, width)
                        .copyTo(rgb.rowRange(top, top + height).colRange(left, left + width));
            }
        }
        return rgb;
    }

    private Mat rows() {
        Mat rgb = new Mat(layout.height(), layout.width(), CV_8UC3);
        byte[] samples = new byte[layout.segmentWidth() * layout.samples()];
        byte[] pixels = new byte[3 * layout.segmentWidth()];
        TiffRow row = new TiffRow(layout, tags.order());
        try {
            for (int top = 0; top < layout.height(); top += layout.segmentHeight()) {
                for (int left = 0; left < layout.width(); left += layout.segmentWidth()) {
                    List<InputStream> planes = open(left / layout.segmentWidth(), top / layout.segmentHeight());
                    int width = Math.min(layout.segmentWidth(), layout.width() - left);
                    for (int y = top; y < Math.min(layout.height(), top + layout.segmentHeight()); y++) {
                        for (int plane = 0; plane < planes.size(); plane++) {
                            row.read(planes.get(plane), samples, plane);
                        }
                        layout.colour().toRgb(samples, layout.samples(), width, pixels);
                        rgb.ptr(y, left).put(pixels, 0, 3 * width);
                    }
                }
            }
        } catch (IOException e) {
            throw new DamagedImageException("TIFF file is damaged: " + e.getMessage(), e);
        }
        return rgb;
    }

    /** Opens the data of a strip or tile, or of each of its planes. */
    private List<InputStream> open(int across, int down) {
        List<InputStream> planes = new ArrayList<>();
        for (int plane = 0; plane < layout.planes(); plane++) {
            int index = (plane * layout.down() + down) * layout.across() + across;
            planes.add(TiffCompression.open(layout.compression(), encoded, (int) offset(index), (int) length(index)));
        }
        return planes;
    }

    long offset(int segment) {
        return tags.value(tiled() ? TiffLayout.TILE_OFFSETS : TiffLayout.SEGMENT_OFFSETS, segment);
    }

    long length(int segment) {
        return tags.value(tiled() ? TiffLayout.TILE_LENGTHS : TiffLayout.SEGMENT_LENGTHS, segment);
    }

    private boolean tiled() {
        return tags.count(TiffLayout.TILE_OFFSETS) > 0;
    }
}
