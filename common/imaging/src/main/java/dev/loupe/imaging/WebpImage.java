package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_UNCHANGED;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * WebP (RFC 9649), lossy and lossless. Of an animation, the first frame is decoded. Only chunks that affect the pixels
 * are passed to the decoder.
 *
 * @param parts parts of the file that are decoded, with a new header
 * @param kind kind of the chunk with the pixels
 */
record WebpImage(List<ByteBuffer> parts, long width, long height, int kind, int orientation) implements EncodedImage {
    private static final int RIFF = 0x46464952;
    private static final int WEBP = 0x50424557;
    private static final int LOSSY = 0x20385056;
    private static final int LOSSLESS = 0x4C385056;
    private static final int EXTENDED = 0x58385056;
    private static final int ALPHA = 0x48504C41;
    private static final int ANIMATION = 0x4D494E41;
    private static final int FRAME = 0x464D4E41;
    private static final int EXIF = 0x46495845;

    static WebpImage read(byte[] encoded) {
        ByteBuffer bytes = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
        long size = Integer.toUnsignedLong(bytes.getInt(4)) + 8;
        if (size > encoded.length) {
            throw new DamagedImageException("WebP file of " + encoded.length + " bytes is truncated");
        }
        bytes.limit((int) size).position(12);
        List<ByteBuffer> parts = new ArrayList<>();
        ByteBuffer canvas = null;
        ByteBuffer image = null;
        int kind = 0;
        int orientation = ExifOrientation.UPRIGHT;
        while (bytes.remaining() >= 8) {
            int start = bytes.position();
            int type = bytes.getInt();
            long length = Integer.toUnsignedLong(bytes.getInt());
            if (length > bytes.remaining()) {
                throw new DamagedImageException(
                        "WebP file is truncated: the chunk at byte " + start + " declares " + length + " bytes");
            }
            ByteBuffer data = bytes.slice(start + 8, (int) length).order(ByteOrder.LITTLE_ENDIAN);
            boolean pixels = type == LOSSY || type == LOSSLESS || type == FRAME;
            if (pixels && image == null) {
                image = data;
                kind = type;
            } else if (type == EXTENDED && start == 12) {
                canvas = data;
            } else if (type == EXIF) {
                orientation = ExifOrientation.of(data);
            }
            if (image == data || canvas == data || image == null && (type == ALPHA || type == ANIMATION)) {
                parts.add(ByteBuffer.wrap(encoded, start, 8 + (int) length));
                if (length % 2 == 1) {
                    parts.add(ByteBuffer.allocate(1));
                }
            }
            bytes.position((int) Math.min(bytes.limit(), start + 8 + length + length % 2));
        }
        if (image == null) {
            throw new DamagedImageException("WebP file is damaged: it has no image");
        }
        ByteBuffer header = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        parts.addFirst(header.putInt(RIFF)
                .putInt((int) OpenCv.length(parts) + 4)
                .putInt(WEBP)
                .flip());
        return of(canvas, image, kind, orientation, List.copyOf(parts));
    }

    private static WebpImage of(
            ByteBuffer canvas, ByteBuffer image, int kind, int orientation, List<ByteBuffer> parts) {
        long width;
        long height;
        switch (kind) {
            case LOSSY -> {
                width = image.getShort(6) & 0x3FFF;
                height = image.getShort(8) & 0x3FFF;
            }
            case LOSSLESS -> {
                int sides = image.getInt(1);
                width = (sides & 0x3FFF) + 1;
                height = (sides >>> 14 & 0x3FFF) + 1;
            }
            default -> {
                width = (image.getInt(6) & 0xFFFFFF) + 1;
                height = (image.getInt(9) & 0xFFFFFF) + 1;
            }
        }
        if (canvas == null) {
            return new WebpImage(parts, width, height, kind, orientation);
        }
        long canvasWidth = (canvas.getInt(4) & 0xFFFFFF) + 1;
        long canvasHeight = (canvas.getInt(6) >>> 8) + 1;
        boolean fits = kind == FRAME
                ? width <= canvasWidth && height <= canvasHeight
                : width == canvasWidth && height == canvasHeight;
        if (!fits) {
            throw new DamagedImageException("WebP file is damaged: it declares " + canvasWidth + " x " + canvasHeight
                    + " pixels, its image has " + width + " x " + height);
        }
        return new WebpImage(parts, canvasWidth, canvasHeight, kind, orientation);
    }

    @Override
    public ImageFormat format() {
        return ImageFormat.WEBP;
    }

    @Override
    public long memory(int reduction) {
        // The result with alpha; the pixels of the lossless decoder; the two canvases of an animation.
        long pixel = 4 + (kind == LOSSY ? 2 : kind == LOSSLESS ? 4 : 12);
        return 2L * OpenCv.length(parts) + width * height * pixel + OpenCv.rgbBytes(width, height);
    }

    @Override
    public Mat decode(int reduction) {
        Mat decoded = OpenCv.decode(parts, IMREAD_UNCHANGED);
        Mat rgb = OpenCv.toRgb(decoded);
        decoded.release();
        return rgb;
    }
}
