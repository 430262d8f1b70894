package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_core.norm;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR_RGB;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * JPEG (ITU-T T.81): baseline, extended and progressive, Huffman coded, of 8 bits; grey, YCbCr, RGB, CMYK and YCCK.
 *
 * @param encoded content of the file
 * @param end offset after the end-of-image marker
 * @param scanEnds offsets after the coded data of each scan
 * @param buffered whether the decoder keeps all coefficients in memory, because several scans fill them
 * @param samples samples of all components per pixel: 1.5 if two of three components have a quarter of the pixels
 */
record JpegImage(
        byte[] encoded,
        int end,
        long width,
        long height,
        int components,
        double samples,
        boolean buffered,
        List<Integer> scanEnds,
        int orientation)
        implements EncodedImage {
    /** Maximum number of scans; common encoders write up to 15. */
    static final int MAX_SCANS = 100;
    /** Maximum number of pixels of all scans together. */
    static final long MAX_SCANNED_PIXELS = 2_000_000_000;

    private static final int END = 0xD9;
    private static final int START_OF_SCAN = 0xDA;
    private static final int APP1 = 0xE1;
    /** Value that the decoder shows for missing data. */
    private static final int MISSING = 128;

    static JpegImage read(byte[] encoded) {
        try {
            return new Reader(encoded).read();
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            if (e instanceof UnsupportedImageException || e instanceof DamagedImageException) {
                throw e;
            }
            throw new DamagedImageException(
                    "JPEG file of " + encoded.length + " bytes is truncated: it has no end marker", e);
        }
    }

    @Override
    public ImageFormat format() {
        return ImageFormat.JPEG;
    }

    @Override
    public long memory(int reduction) {
        long pixels = width * height;
        long coefficients = buffered ? (long) (2 * samples * pixels) : 0;
        return end + OpenCv.rgbBytes(reduced(width, reduction), reduced(height, reduction)) + coefficients + pixels / 8;
    }

    private static long reduced(long side, int reduction) {
        return Math.ceilDiv(side, reduction);
    }

    @Override
    public Mat decode(int reduction) {
        Mat rgb = decode(List.of(ByteBuffer.wrap(encoded, 0, end)), reduction);
        if (seemsIncomplete(rgb) && !isComplete()) {
            throw new DamagedImageException(
                    "JPEG file is truncated: its header declares " + width + " x " + height + " pixels");
        }
        return rgb;
    }

    private static Mat decode(List<ByteBuffer> parts, int reduction) {
        // The flags 16, 32 and 64 select 1/2, 1/4 and 1/8 of the size.
        int scale = reduction == 1 ? 0 : 8 * reduction;
        return OpenCv.decode(parts, scale | IMREAD_COLOR_RGB | IMREAD_IGNORE_ORIENTATION);
    }

    /**
     * Whether the last pixel has the value that the decoder uses for missing data, which may also be its actual value.
     */
    private boolean seemsIncomplete(Mat rgb) {
        byte[] last = new byte[3];
        rgb.ptr(rgb.rows() - 1, rgb.cols() - 1).get(last);
        return components == 4 || (last[0] & last[1] & last[2] & 0xFF) == MISSING && last[0] == last[1];
    }

    /**
     * Whether each scan has data for all of its pixels. The decoder does not report it, but it reads no more than it
     * needs: noise after the data of a complete scan does not change the result.
     */
    private boolean isComplete() {
        try (PointerScope scope = new PointerScope()) {
            ByteBuffer noise = noise();
            List<ByteBuffer> noisy = new ArrayList<>();
            int from = 0;
            for (int scanEnd : scanEnds) {
                noisy.add(ByteBuffer.wrap(encoded, from, scanEnd - from));
                noisy.add(noise);
                from = scanEnd;
            }
            noisy.add(ByteBuffer.wrap(encoded, from, end - from));
            Mat plain = decode(List.of(ByteBuffer.wrap(encoded, 0, end)), 8);
            Mat other = decode(noisy, 8);
            return norm(plain, other) == 0;
        }
    }

    /** Noise without a byte that starts a marker. */
    private static ByteBuffer noise() {
        byte[] noise = new byte[64];
        Random random = new Random(1);
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (byte) random.nextInt(0xFF);
        }
        return ByteBuffer.wrap(noise);
    }

    /** Reads the segments up to the end-of-image marker (Annex B). */
    private static final class Reader {
        private final byte[] encoded;
        private final ByteBuffer bytes;
        private final List<Integer> scanEnds = new ArrayList<>();
        private long width;
        private long height;
        private int components;
        private double samples;
        private boolean progressive;
        private int orientation;

        Reader(byte[] encoded) {
            this.encoded = encoded;
            this.bytes = ByteBuffer.wrap(encoded);
        }

        JpegImage read() {
            bytes.position(2);
            boolean scan = false;
            while (true) {
                int before = skipData();
                if (scan) {
                    scanEnds.add(before);
                }
                int marker = Byte.toUnsignedInt(bytes.get());
                scan = marker == START_OF_SCAN;
                if (marker == END) {
                    return finish();
                }
                int length = Math.max(2, Short.toUnsignedInt(bytes.getShort(bytes.position())));
                segment(marker, bytes.slice(bytes.position() + 2, length - 2));
                bytes.position(bytes.position() + length);
            }
        }

        /**
         * Skips coded data, fill bytes and restart markers to after the first byte of the next marker; returns where
         * they end.
         */
        private int skipData() {
            int fill = -1;
            while (true) {
                if (bytes.get() != (byte) 0xFF) {
                    fill = -1;
                    continue;
                }
                fill = fill < 0 ? bytes.position() - 1 : fill;
                int marker = Byte.toUnsignedInt(bytes.get(bytes.position()));
                boolean restart = marker >= 0xD0 && marker <= 0xD7;
                if (marker != 0 && marker != 0xFF && marker != 1 && !restart) {
                    return fill;
                }
            }
        }

        private void segment(int marker, ByteBuffer segment) {
            switch (marker) {
                case 0xC0, 0xC1, 0xC2 -> frame(marker, segment);
                case 0xC3 -> throw unsupported("lossless JPEG");
                case 0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF, 0xDE, 0xDF -> throw unsupported("hierarchical JPEG");
                case 0xC9, 0xCA, 0xCB, 0xCC -> throw unsupported("JPEG with arithmetic coding");
                case 0xF7 -> throw unsupported("JPEG-LS");
                case APP1 -> {
                    if (orientation == 0 && ExifOrientation.isExif(segment)) {
                        orientation = ExifOrientation.of(segment);
                    }
                }
                case START_OF_SCAN -> {
                    if (components == 0) {
                        throw new DamagedImageException("JPEG file is damaged: a scan precedes the frame header");
                    }
                    if (scanEnds.size() == MAX_SCANS || (scanEnds.size() + 1) * width * height > MAX_SCANNED_PIXELS) {
                        throw new ImageTooLargeException(
                                "JPEG file of %d x %d pixels with more than %d scans exceeds the limit of %d scans and %d megapixels of all scans"
                                        .formatted(
                                                width,
                                                height,
                                                scanEnds.size(),
                                                MAX_SCANS,
                                                MAX_SCANNED_PIXELS / 1_000_000));
                    }
                }
                default -> {}
            }
        }

        private void frame(int marker, ByteBuffer frame) {
            if (components != 0) {
                throw new DamagedImageException("JPEG file is damaged: it has two frame headers");
            }
            int bits = frame.get();
            if (bits != 8) {
                throw unsupported("JPEG with samples of " + bits + " bits");
            }
            height = Short.toUnsignedLong(frame.getShort());
            width = Short.toUnsignedLong(frame.getShort());
            components = Byte.toUnsignedInt(frame.get());
            progressive = marker == 0xC2;
            if (height == 0 && width != 0) {
                throw unsupported("JPEG with its height after the first scan");
            }
            if (components != 1 && components != 3 && components != 4) {
                throw unsupported("JPEG with " + components + " components");
            }
            int largest = 1;
            for (int i = 0; i < components; i++) {
                frame.get();
                int factors = frame.get();
                frame.get();
                int area = (factors >> 4 & 0xF) * (factors & 0xF);
                largest = Math.max(largest, area);
                samples += area;
            }
            // An upper bound: the largest component has at most the pixels of the image, except for its last blocks.
            samples = Math.min(components, samples / largest + 0.5);
        }

        private JpegImage finish() {
            if (scanEnds.isEmpty()) {
                throw new DamagedImageException("JPEG file is damaged: it has no image data");
            }
            boolean buffered = progressive || scanEnds.size() > 1;
            return new JpegImage(
                    encoded,
                    bytes.position(),
                    width,
                    height,
                    components,
                    samples,
                    buffered,
                    List.copyOf(scanEnds),
                    Math.max(ExifOrientation.UPRIGHT, orientation));
        }

        private static UnsupportedImageException unsupported(String kind) {
            return new UnsupportedImageException(
                    kind + " is not supported, expected baseline or progressive JPEG of 8 bits");
        }
    }
}
