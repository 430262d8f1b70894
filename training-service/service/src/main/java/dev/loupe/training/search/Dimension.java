package dev.loupe.training.search;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** The values of one parameter that a search tries. */
sealed interface Dimension {
    /** A value drawn at random: each has the same probability, or probability density on the scale of the dimension. */
    Object draw(RandomGenerator random);

    /** Number of different values, {@link Long#MAX_VALUE} if they are not counted. */
    long size();

    /**
     * Enumerated values.
     *
     * @param values at least one
     */
    record Choice(List<Object> values) implements Dimension {
        public Choice {
            values = List.copyOf(values);
        }

        @Override
        public Object draw(RandomGenerator random) {
            return values.get(random.nextInt(values.size()));
        }

        @Override
        public long size() {
            return values.size();
        }

        /** Position of a value: two numbers are equal if they have the same value, as 8 and 8.0. */
        int index(Object value) {
            for (int i = 0; i < values.size(); i++) {
                if (same(values.get(i), value)) {
                    return i;
                }
            }
            throw new IllegalArgumentException("expected one of " + values + ", got " + value);
        }

        private static boolean same(Object one, Object other) {
            return one instanceof Number first && other instanceof Number second
                    ? new BigDecimal(first.toString()).compareTo(new BigDecimal(second.toString())) == 0
                    : Objects.equals(one, other);
        }
    }

    /**
     * Numbers in an interval, on a linear or a logarithmic scale. A whole number stands for the numbers that are rounded
     * to it, so that the smallest and the largest one are as probable as the others.
     *
     * @param step distance of whole numbers: every value is a multiple of it; 0: any number
     */
    record Interval(double min, double max, boolean log, long step) implements Dimension {
        private static final MathContext PRECISION = new MathContext(4, RoundingMode.HALF_EVEN);

        public Interval {
            if (!(min < max) || step < 0) {
                throw new IllegalArgumentException("interval from " + min + " to " + max + ", step " + step);
            }
        }

        @Override
        public Object draw(RandomGenerator random) {
            return at(random.nextDouble());
        }

        @Override
        public long size() {
            return step == 0 ? Long.MAX_VALUE : Math.floorDiv((long) max, step) - Math.ceilDiv((long) min, step) + 1;
        }

        /** Position of a value, 0 to 1. */
        double position(double value) {
            return Math.clamp((scale(value) - scale(low())) / (scale(high()) - scale(low())), 0, 1);
        }

        /** The value at a position from 0 to 1: rounded to four digits, or to a whole number. */
        Number at(double position) {
            double scaled = scale(low()) + position * (scale(high()) - scale(low()));
            double value = log ? Math.exp(scaled) : scaled;
            if (step == 0) {
                return Math.clamp(new BigDecimal(value).round(PRECISION).doubleValue(), min, max);
            }
            long lowest = Math.ceilDiv((long) min, step);
            long highest = Math.floorDiv((long) max, step);
            return Math.toIntExact(Math.clamp(Math.round(value / step), lowest, highest) * step);
        }

        private double low() {
            return step == 0 ? min : Math.ceilDiv((long) min, step) * step - step / 2.0;
        }

        private double high() {
            return step == 0 ? max : Math.floorDiv((long) max, step) * step + step / 2.0;
        }

        private double scale(double value) {
            return log ? Math.log(value) : value;
        }
    }
}
