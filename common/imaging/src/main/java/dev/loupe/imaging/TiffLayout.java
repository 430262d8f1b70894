package dev.loupe.imaging;

/**
 * The layout of the pixels in a TIFF file (TIFF 6.0).
 *
 * @param bits bits per sample, 1 to 16
 * @param samples samples per pixel
 * @param planar whether each sample has its own segments
 * @param segmentWidth width of a strip or tile in pixels
 * @param segmentHeight height of a strip or tile in pixels
 * @param predictor 1: none, 2: horizontal differences
 */
record TiffLayout(
        int width,
        int height,
        int bits,
        int samples,
        boolean planar,
        int segmentWidth,
        int segmentHeight,
        int compression,
        int predictor,
        TiffColour colour) {
    static final int WIDTH = 256;
    static final int HEIGHT = 257;
    static final int SEGMENT_OFFSETS = 273;
    static final int SEGMENT_LENGTHS = 279;
    static final int TILE_OFFSETS = 324;
    static final int TILE_LENGTHS = 325;
    static final int UNCOMPRESSED = 1;
    static final int FAX_RUNS = 2;
    static final int FAX_3 = 3;
    static final int FAX_4 = 4;
    static final int LZW = 5;
    static final int JPEG = 7;
    static final int DEFLATE = 8;
    static final int ADOBE_DEFLATE = 32946;
    static final int PACK_BITS = 32773;

    private static final int BITS = 258;
    private static final int COMPRESSION = 259;
    private static final int FILL_ORDER = 266;
    private static final int SAMPLES = 277;
    private static final int ROWS_PER_STRIP = 278;
    private static final int PLANAR = 284;
    private static final int PREDICTOR = 317;
    private static final int TILE_WIDTH = 322;
    private static final int TILE_HEIGHT = 323;
    private static final int SAMPLE_FORMAT = 339;

    /** Maximum number of strips or tiles. */
    private static final int MAX_SEGMENTS = 1_000_000;
    /** The sides of tiles must be multiples of this. */
    private static final int TILE_UNIT = 16;

    /** Reads and checks a layout; the caller must have checked the size. */
    static TiffLayout of(TiffDirectory tags) {
        int width = (int) tags.value(WIDTH);
        int height = (int) tags.value(HEIGHT);
        int samples = (int) tags.valueOr(SAMPLES, 1);
        int compression = (int) tags.valueOr(COMPRESSION, UNCOMPRESSED);
        int bits = bits(tags, samples);
        boolean planar = tags.valueOr(PLANAR, 1) == 2 && samples > 1;
        int predictor = (int) tags.valueOr(PREDICTOR, 1);
        requireSupported(compression, bits, planar, predictor, (int) tags.valueOr(FILL_ORDER, 1));
        boolean tiled = tags.count(TILE_WIDTH) > 0;
        long segmentWidth = tiled ? tags.value(TILE_WIDTH) : width;
        long segmentHeight = tiled ? tags.value(TILE_HEIGHT) : Math.min(height, tags.valueOr(ROWS_PER_STRIP, height));
        if (segmentWidth < 1 || segmentHeight < 1) {
            throw new DamagedImageException("TIFF file is damaged: strips or tiles have no pixels");
        }
        if (tiled && (segmentWidth % TILE_UNIT != 0 || segmentHeight % TILE_UNIT != 0)) {
            throw unsupported(
                    "tiles of " + segmentWidth + " x " + segmentHeight + " pixels", "sides that are multiples of 16");
        }
        long covered =
                Math.ceilDiv(width, segmentWidth) * segmentWidth * Math.ceilDiv(height, segmentHeight) * segmentHeight;
        if (segmentWidth > ImageDecoder.MAX_SIDE
                || segmentHeight > ImageDecoder.MAX_SIDE
                || covered > 2 * ImageDecoder.MAX_PIXELS) {
            throw new ImageTooLargeException(
                    "TIFF file with strips or tiles of %d x %d pixels exceeds the limit of %d megapixels for all of them"
                            .formatted(segmentWidth, segmentHeight, 2 * ImageDecoder.MAX_PIXELS / 1_000_000));
        }
        TiffLayout layout = new TiffLayout(
                width,
                height,
                bits,
                samples,
                planar,
                (int) segmentWidth,
                (int) segmentHeight,
                compression,
                compression == LZW || deflated(compression) ? predictor : 1,
                TiffColour.of(tags, bits, samples, compression));
        layout.requireSegments(tags);
        return layout;
    }

    private static int bits(TiffDirectory tags, int samples) {
        if (samples < 1) {
            throw new DamagedImageException("TIFF file is damaged: expected at least 1 sample per pixel");
        }
        int bits = (int) tags.valueOr(BITS, 1);
        for (int i = 1; i < Math.min(samples, tags.count(BITS)); i++) {
            if (tags.value(BITS, i) != bits) {
                throw unsupported("samples of different depths", "the same number of bits for all samples");
            }
        }
        for (int i = 0; i < tags.count(SAMPLE_FORMAT); i++) {
            int format = (int) tags.value(SAMPLE_FORMAT, i);
            if (format == 3) {
                throw unsupported("floating-point samples of " + bits + " bits", "integers of 1 to 16 bits");
            } else if (format != 1 && format != 4) {
                throw unsupported(format == 2 ? "signed samples" : "samples of format " + format, "unsigned integers");
            }
        }
        if (bits < 1 || bits > 16) {
            throw unsupported("samples of " + bits + " bits", "1 to 16 bits");
        }
        return bits;
    }

    private static void requireSupported(int compression, int bits, boolean planar, int predictor, int fillOrder) {
        switch (compression) {
            case UNCOMPRESSED, LZW, DEFLATE, ADOBE_DEFLATE, PACK_BITS -> {
                if (fillOrder != 1) {
                    throw unsupported("bits in reverse order", "fill order 1");
                }
                if (predictor != 1 && (predictor != 2 || bits != 8 && bits != 16)) {
                    throw unsupported(
                            "predictor " + predictor + " for samples of " + bits + " bits",
                            "no predictor, or predictor 2 for 8 or 16 bits");
                }
            }
            case FAX_RUNS, FAX_3, FAX_4 -> {
                if (bits != 1 || planar) {
                    throw new DamagedImageException(
                            "TIFF file is damaged: fax compression requires 1 bit and interleaved samples");
                }
            }
            case JPEG -> {
                if (bits != 8 || planar) {
                    throw unsupported("JPEG of " + bits + " bits" + (planar ? ", planar" : ""), "8 bits, interleaved");
                }
            }
            default -> throw unsupported(compressionName(compression), "none, PackBits, LZW, Deflate, JPEG or fax");
        }
    }

    private static String compressionName(int compression) {
        String name =
                switch (compression) {
                    case 6 -> "old-style JPEG";
                    case 9, 10, 34661 -> "JBIG";
                    case 32809 -> "ThunderScan";
                    case 33003, 33004, 33005, 34712 -> "JPEG 2000";
                    case 34676, 34677 -> "LogLuv";
                    case 34887 -> "LERC";
                    case 34892 -> "lossy JPEG of DNG";
                    case 34925 -> "LZMA";
                    case 34926, 50000 -> "Zstandard";
                    case 34927, 50001 -> "WebP";
                    case 50002, 52546 -> "JPEG XL";
                    default -> "unknown";
                };
        return name + " compression (" + compression + ")";
    }

    static UnsupportedImageException unsupported(String what, String expected) {
        return new UnsupportedImageException("TIFF with " + what + " is not supported, expected " + expected);
    }

    static boolean deflated(int compression) {
        return compression == DEFLATE || compression == ADOBE_DEFLATE;
    }

    int across() {
        return Math.ceilDiv(width, segmentWidth);
    }

    int down() {
        return Math.ceilDiv(height, segmentHeight);
    }

    int planes() {
        return planar ? samples : 1;
    }

    /** Number of samples per pixel within one segment. */
    int segmentSamples() {
        return planar ? 1 : samples;
    }

    /** Number of bytes of a row within one segment, before compression. */
    int rowBytes() {
        return Math.toIntExact(Math.ceilDiv((long) segmentWidth * segmentSamples() * bits, 8));
    }

    private void requireSegments(TiffDirectory tags) {
        long segments = (long) across() * down() * planes();
        if (segments > MAX_SEGMENTS) {
            throw new ImageTooLargeException(
                    "TIFF file with %d strips or tiles exceeds the limit of %d".formatted(segments, MAX_SEGMENTS));
        }
        boolean tiles = tags.count(TILE_OFFSETS) > 0;
        int offsets = tags.count(tiles ? TILE_OFFSETS : SEGMENT_OFFSETS);
        int lengths = tags.count(tiles ? TILE_LENGTHS : SEGMENT_LENGTHS);
        if (offsets < segments || lengths < segments) {
            throw new DamagedImageException("TIFF file is damaged: %d strips or tiles, but %d offsets and %d lengths"
                    .formatted(segments, offsets, lengths));
        }
    }
}
