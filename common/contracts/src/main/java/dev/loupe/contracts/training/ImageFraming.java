package dev.loupe.contracts.training;

import java.util.List;

/**
 * Which part of an image a model from elsewhere sees, and in which order it takes the colours.
 *
 * @param fit what is done about another aspect ratio: {@code stretch}, {@code pad} or {@code crop}
 * @param centerCrop share of the width and of the height that is looked at, in the middle, 0.1..1
 * @param channelOrder order of the channels of its input
 */
public record ImageFraming(String fit, double centerCrop, ChannelOrder channelOrder) {
    private static final List<String> FITS = List.of("stretch", "pad", "crop"); // before the first framing

    /** The whole image, stretched, red first. */
    public static final ImageFraming WHOLE = new ImageFraming("stretch", 1, ChannelOrder.RGB);

    /** Least value of {@code centerCrop}. */
    public static final double LEAST_CROP = 0.1;

    /** @throws IllegalArgumentException with the expected and the actual value */
    public ImageFraming {
        if (!FITS.contains(fit)) {
            throw new IllegalArgumentException("fit: expected one of " + FITS + ", got '" + fit + "'");
        }
        if (!(centerCrop >= LEAST_CROP && centerCrop <= 1)) {
            throw new IllegalArgumentException("centerCrop: expected " + LEAST_CROP + " to 1, got " + centerCrop);
        }
        if (channelOrder == null) {
            throw new IllegalArgumentException("channelOrder: expected RGB or BGR, got nothing");
        }
    }

    /** Order of the channels. */
    public enum ChannelOrder {
        RGB,
        /** As OpenCV reads images, and networks that came from Caffe take them. */
        BGR
    }
}
