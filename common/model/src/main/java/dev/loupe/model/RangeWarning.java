package dev.loupe.model;

import dev.loupe.imaging.ImageConditions.Measure;
import java.util.Locale;

/**
 * A measure of an image that is outside the range of the normal images that a detector learned from.
 *
 * @param measure what was measured
 * @param value value of the image
 * @param minimum smallest value without a warning
 * @param maximum largest value without a warning
 */
public record RangeWarning(Measure measure, double value, double minimum, double maximum) {
    /** The warning in words: {@code the image is too dark: brightness 61.2, expected 101.2 to 143.9}. */
    public String message() {
        boolean low = value < minimum;
        String what =
                switch (measure) {
                    case BRIGHTNESS -> low ? "the image is too dark" : "the image is too bright";
                    case SHARPNESS -> low ? "the image is blurred or empty" : "the image has more detail or noise";
                    case ASPECT_RATIO -> low ? "the image is too narrow" : "the image is too wide";
                    case SIZE -> low ? "the image has too few pixels" : "the image has too many pixels";
                };
        return "%s: %s %s, expected %s to %s".formatted(what, measure, number(value), number(minimum), number(maximum));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.2f" : "%.1f", value);
    }
}
