package dev.loupe.imaging;

/**
 * Where a model's input lies in an image of a certain size: what was cut off, padded and resized. The maps of a detector
 * cover the input; people look at the image.
 *
 * @param across from left to right
 * @param down from top to bottom
 */
public record InputGeometry(Axis across, Axis down) {
    /** The input is the whole image. */
    public static final InputGeometry WHOLE = new InputGeometry(Axis.WHOLE, Axis.WHOLE);

    /**
     * One direction. The pixels {@code begin} to {@code begin + length} of the image became {@code resized} pixels of the
     * input, from its pixel {@code offset} on; a negative offset cuts off as many at each end, a positive one pads.
     *
     * @param image number of pixels of the image
     * @param begin first pixel of the region that is looked at
     * @param length number of its pixels
     * @param input number of pixels of the input
     * @param offset pixel of the input where the resized region begins
     * @param resized number of pixels of the resized region
     */
    public record Axis(long image, long begin, long length, int input, int offset, int resized) {
        private static final Axis WHOLE = new Axis(1, 0, 1, 1, 0, 1);

        /**
         * The share of the input, from 0 to 1, at a share of the image; NaN if the input has nothing of that place.
         */
        public double ofInput(double ofImage) {
            double share = (ofImage * image - begin) / length;
            double place = (offset + share * resized) / input;
            return share >= 0 && share <= 1 && place >= 0 && place <= 1 ? place : Double.NaN;
        }

        /** How many pixels of the image become one pixel of the input. */
        public double reduction() {
            return (double) length / resized;
        }

        /** The share of the image, from 0 to 1, at a share of the input; the nearest one of the region beside it. */
        public double ofImage(double ofInput) {
            double share = Math.clamp((ofInput * input - offset) / resized, 0, 1);
            return (begin + share * length) / image;
        }
    }

    /** Whether the input is the whole image, and nothing else. */
    boolean isWhole() {
        return isWhole(across) && isWhole(down);
    }

    private static boolean isWhole(Axis axis) {
        return axis.length == axis.image && axis.resized == axis.input;
    }
}
