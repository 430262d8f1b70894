package dev.loupe.model.quantization;

/**
 * The smallest and the largest number that a value of a graph had in a calibration.
 *
 * @param min finite
 * @param max finite, at least {@code min}
 */
public record ValueRange(float min, float max) {
    /** The largest number of an unsigned byte. */
    private static final int LEVELS = 255;

    public ValueRange {
        if (!Float.isFinite(min) || !Float.isFinite(max) || min > max) {
            throw new IllegalArgumentException(
                    "range of a value: expected finite numbers in ascending order, got " + min + " and " + max);
        }
    }

    /** The range that contains both. */
    ValueRange or(ValueRange other) {
        return new ValueRange(Math.min(min, other.min), Math.max(max, other.max));
    }

    /**
     * How the range is mapped to unsigned bytes. It is extended to contain zero, because padding and rectifiers need an
     * exact zero.
     */
    Scale scale() {
        double low = Math.min(min, 0f);
        double high = Math.max(max, 0f);
        double step = (high - low) / LEVELS;
        return step < Float.MIN_NORMAL ? new Scale(1, 0) : new Scale((float) step, (int) Math.rint(-low / step));
    }

    /**
     * A number is {@code step * (byte - zero)}.
     *
     * @param step distance of two numbers whose bytes are neighbours
     * @param zero the byte of the number 0, from 0 to 255
     */
    record Scale(float step, int zero) {}
}
