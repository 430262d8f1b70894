package dev.loupe.imaging;

/**
 * The meaning of the samples of a TIFF pixel, and their conversion to RGB.
 *
 * @param kind kind of the colours
 * @param alpha meaning of the sample after the colours
 * @param palette RGB of each index, for {@link Kind#PALETTE}
 */
record TiffColour(Kind kind, Alpha alpha, byte[] palette) {
    private static final int PHOTOMETRIC = 262;
    private static final int COLOUR_MAP = 320;
    private static final int INKS = 332;
    private static final int EXTRA_SAMPLES = 338;

    enum Kind {
        WHITE_IS_ZERO(1),
        BLACK_IS_ZERO(1),
        RGB(3),
        PALETTE(1),
        CMYK(4),
        /** Only within JPEG, whose decoder converts it to RGB. */
        YCBCR(3);

        private final int samples;

        Kind(int samples) {
            this.samples = samples;
        }
    }

    enum Alpha {
        NONE,
        /** There is an additional sample that is not declared as alpha. */
        IGNORED,
        /** The colours are premultiplied by alpha. */
        ASSOCIATED,
        UNASSOCIATED
    }

    static TiffColour of(TiffDirectory tags, int bits, int samples, int compression) {
        Kind kind = kind((int) tags.value(PHOTOMETRIC), compression);
        boolean jpeg = compression == TiffLayout.JPEG;
        boolean valid =
                switch (kind) {
                    case PALETTE -> bits <= 8 && !jpeg;
                    case CMYK -> tags.valueOr(INKS, 1) == 1 && !jpeg;
                    case WHITE_IS_ZERO -> !jpeg;
                    case BLACK_IS_ZERO, RGB, YCBCR -> true;
                };
        if (!valid) {
            throw TiffLayout.unsupported(
                    kind + " of " + bits + " bits" + (jpeg ? " in JPEG" : ""),
                    "a palette of up to 8 bits, CMYK inks, or grey, RGB or YCbCr within JPEG");
        }
        int further = samples - kind.samples;
        if (further < 0) {
            throw new DamagedImageException(
                    "TIFF file is damaged: " + kind + " with " + samples + " samples per pixel");
        }
        if (further > 1 || further == 1 && (kind == Kind.PALETTE || jpeg)) {
            throw TiffLayout.unsupported(kind + " and " + further + " further samples", "at most an alpha sample");
        }
        Alpha alpha = further == 0
                ? Alpha.NONE
                : switch ((int) tags.valueOr(EXTRA_SAMPLES, 0)) {
                    case 1 -> Alpha.ASSOCIATED;
                    case 2 -> Alpha.UNASSOCIATED;
                    default -> Alpha.IGNORED;
                };
        return new TiffColour(kind, alpha, kind == Kind.PALETTE ? palette(tags, bits) : new byte[0]);
    }

    private static Kind kind(int photometric, int compression) {
        return switch (photometric) {
            case 0 -> Kind.WHITE_IS_ZERO;
            case 1 -> Kind.BLACK_IS_ZERO;
            case 2 -> Kind.RGB;
            case 3 -> Kind.PALETTE;
            case 5 -> Kind.CMYK;
            case 6 -> {
                if (compression != TiffLayout.JPEG) {
                    throw TiffLayout.unsupported("YCbCr outside of JPEG", "grey, RGB, palette or CMYK");
                }
                yield Kind.YCBCR;
            }
            case 8, 9, 10 -> throw TiffLayout.unsupported("CIE L*a*b*", "grey, RGB, palette or CMYK");
            case 32803, 34892 -> throw TiffLayout.unsupported("raw sensor data", "grey, RGB, palette or CMYK");
            case 32844, 32845 -> throw TiffLayout.unsupported("LogLuv", "grey, RGB, palette or CMYK");
            default -> throw TiffLayout.unsupported("colours of kind " + photometric, "grey, RGB, palette or CMYK");
        };
    }

    private static byte[] palette(TiffDirectory tags, int bits) {
        int colours = 1 << bits;
        if (tags.count(COLOUR_MAP) < 3 * colours) {
            throw new DamagedImageException("TIFF file is damaged: expected a palette of " + colours + " colours, got "
                    + tags.count(COLOUR_MAP) / 3);
        }
        byte[] palette = new byte[3 * colours];
        for (int i = 0; i < colours; i++) {
            for (int c = 0; c < 3; c++) {
                palette[3 * i + c] = (byte) (tags.value(COLOUR_MAP, c * colours + i) >> 8);
            }
        }
        return palette;
    }

    /** Converts pixels to RGB. Samples must have 8 bits, except for the indices of a palette. */
    void toRgb(byte[] samples, int perPixel, int pixels, byte[] rgb) {
        if (kind == Kind.RGB && alpha == Alpha.NONE) {
            System.arraycopy(samples, 0, rgb, 0, 3 * pixels);
            return;
        }
        for (int i = 0; i < pixels; i++) {
            int at = i * perPixel;
            for (int c = 0; c < 3; c++) {
                int value =
                        switch (kind) {
                            case WHITE_IS_ZERO -> 255 - (samples[at] & 0xFF);
                            case BLACK_IS_ZERO -> samples[at] & 0xFF;
                            case RGB, YCBCR -> samples[at + c] & 0xFF;
                            case PALETTE -> palette[3 * (samples[at] & 0xFF) + c] & 0xFF;
                            case CMYK -> over255((255 - (samples[at + c] & 0xFF)) * (255 - (samples[at + 3] & 0xFF)));
                        };
                rgb[3 * i + c] = (byte) onWhite(value, samples, at + kind.samples);
            }
        }
    }

    private int onWhite(int value, byte[] samples, int at) {
        return switch (alpha) {
            case NONE, IGNORED -> value;
            // If zero is white, the inverted values are premultiplied.
            case ASSOCIATED -> kind == Kind.WHITE_IS_ZERO ? value : Math.min(255, value + 255 - (samples[at] & 0xFF));
            case UNASSOCIATED -> {
                int opacity = samples[at] & 0xFF;
                yield over255(value * opacity) + 255 - opacity;
            }
        };
    }

    private static int over255(int product) {
        return (product + 127) / 255;
    }
}
