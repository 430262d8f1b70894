package dev.loupe.model;

import dev.loupe.imaging.ImageConditions;
import dev.loupe.imaging.ImageConditions.Measure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How the normal images were taken that an anomaly detector learned from. The score of an image that was taken in
 * another way says little: it may be high because the lamp is broken.
 *
 * @param images number of images that it was learned from
 * @param limits range of each measure
 */
public record NormalRange(int images, Map<Measure, Limits> limits) {

    /**
     * A range.
     *
     * @param minimum smallest value without a warning
     * @param maximum largest value without a warning
     */
    public record Limits(double minimum, double maximum) {
        public Limits {
            if (!(minimum <= maximum) || !Double.isFinite(minimum) || !Double.isFinite(maximum)) {
                throw new IllegalArgumentException(
                        "expected a finite minimum that is at most the maximum, got " + minimum + " and " + maximum);
            }
        }

        /** The smallest range with these limits and this value. */
        Limits including(double value) {
            return new Limits(Math.min(minimum, value), Math.max(maximum, value));
        }
    }

    public NormalRange {
        limits = limits.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(limits));
    }

    /** Returns a warning for each measure of the image that is outside the range; of what is not known, there is none. */
    public List<RangeWarning> warnings(ImageConditions image) {
        List<RangeWarning> warnings = new ArrayList<>();
        limits.forEach((measure, range) -> {
            Double value = image.values().get(measure);
            if (value != null && (value < range.minimum() || value > range.maximum())) {
                warnings.add(new RangeWarning(measure, value, range.minimum(), range.maximum()));
            }
        });
        return warnings;
    }

    /** The range after the model has learned from further normal images: it includes them. */
    public NormalRange including(List<ImageConditions> further) {
        Map<Measure, Limits> wider = new EnumMap<>(Measure.class);
        limits.forEach((measure, range) -> {
            Limits all = range;
            for (ImageConditions image : further) {
                Double value = image.values().get(measure);
                all = value == null ? all : all.including(value);
            }
            wider.put(measure, all);
        });
        return new NormalRange(images + further.size(), wider);
    }
}
