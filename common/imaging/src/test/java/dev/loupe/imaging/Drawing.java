package dev.loupe.imaging;

/** The content of generated files, at any bit depth: noise that includes both extremes, and alpha. */
record Drawing(int width, int height) {
    static final int ALPHA = 3;

    /** Samples as stored in a file. */
    @FunctionalInterface
    interface Samples {
        int at(int x, int y, int channel);
    }

    /** Expected pixels, 0..255. */
    @FunctionalInterface
    interface Colours {
        double at(int x, int y, int channel);
    }

    static int largest(int bits) {
        return (1 << bits) - 1;
    }

    /** Returns a sample of a bit depth: R, G, B or alpha. */
    int sample(int x, int y, int channel, int bits) {
        if (channel == ALPHA && x % 3 != 2) {
            return x % 3 == 0 ? 0 : largest(bits);
        }
        if (x < 2) {
            return x == 0 ? 0 : largest(bits);
        }
        // SplitMix64: noise that depends on the position only.
        long noise = (x + 1000L * y + 1_000_000L * channel) * 0x9E3779B97F4A7C15L;
        noise = (noise ^ noise >>> 30) * 0xBF58476D1CE4E5B9L;
        noise = (noise ^ noise >>> 27) * 0x94D049BB133111EBL;
        return (int) ((noise >>> 33) % (largest(bits) + 1));
    }

    Samples samples(int bits) {
        return (x, y, channel) -> sample(x, y, channel, bits);
    }

    /** Expected colours for this bit depth. */
    Colours colours(int bits) {
        return (x, y, channel) -> 255.0 * sample(x, y, channel, bits) / largest(bits);
    }

    Colours grey(int bits) {
        return (x, y, channel) -> 255.0 * sample(x, y, 0, bits) / largest(bits);
    }

    /** Expected colours over white; the stored colours are not premultiplied. */
    Colours onWhite(Colours colours, int alphaBits) {
        return (x, y, channel) -> {
            double alpha = sample(x, y, ALPHA, alphaBits) / (double) largest(alphaBits);
            return colours.at(x, y, channel) * alpha + 255 * (1 - alpha);
        };
    }

    Pixels pixels(Colours colours) {
        return upright(colours, 1);
    }

    /** Expected pixels after an orientation is applied (EXIF 2.32, tag 274). */
    Pixels upright(Colours colours, int orientation) {
        boolean turns = orientation >= 5;
        int shownWidth = turns ? height : width;
        int shownHeight = turns ? width : height;
        byte[] rgb = new byte[3 * width * height];
        int i = 0;
        for (int v = 0; v < shownHeight; v++) {
            for (int u = 0; u < shownWidth; u++) {
                int x =
                        switch (orientation) {
                            case 1, 4 -> u;
                            case 2, 3 -> width - 1 - u;
                            case 5, 6 -> v;
                            default -> width - 1 - v;
                        };
                int y =
                        switch (orientation) {
                            case 1, 2 -> v;
                            case 3, 4 -> height - 1 - v;
                            case 5, 8 -> u;
                            default -> height - 1 - u;
                        };
                for (int c = 0; c < 3; c++) {
                    rgb[i++] = (byte) Math.round(colours.at(x, y, c));
                }
            }
        }
        return new Pixels(shownWidth, shownHeight, rgb);
    }
}
