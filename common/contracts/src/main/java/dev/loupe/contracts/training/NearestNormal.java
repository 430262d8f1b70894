package dev.loupe.contracts.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;

/**
 * What an image looks unlike: of all places in normal TRAIN images that a detector remembers, the one that is nearest to the
 * image's most abnormal place.
 *
 * @param place the most abnormal place of the image
 * @param sha256 digest of the normal TRAIN image
 * @param name name of its uploaded file, null if it is not known
 * @param normalPlace the place in that image
 * @param distance distance of the features of both places, as the detector measures it
 */
@JsonInclude(Include.NON_NULL)
public record NearestNormal(Place place, String sha256, String name, Place normalPlace, double distance) {
    public NearestNormal {
        if (place == null || sha256 == null || normalPlace == null || !(distance >= 0)) {
            throw new IllegalArgumentException(
                    "nearest normal image: expected two places, a digest and a distance of 0 or more, got " + place
                            + ", " + sha256 + ", " + normalPlace + ", " + distance);
        }
    }

    /** The same with the name of the normal image. */
    public NearestNormal named(String other) {
        return new NearestNormal(place, sha256, other, normalPlace, distance);
    }

    /**
     * A rectangle of an image, as shares of its width and height.
     *
     * @param left left side, 0..1
     * @param top upper side, 0..1
     * @param width share of the width of the image, above 0
     * @param height share of the height of the image, above 0
     */
    public record Place(double left, double top, double width, double height) {
        public Place {
            if (!(left >= 0 && top >= 0 && width > 0 && height > 0) || !(left + width <= 1 && top + height <= 1)) {
                throw new IllegalArgumentException("place: expected a rectangle within 0..1, got left " + left
                        + ", top " + top + ", width " + width + ", height " + height);
            }
        }

        /** Least side, so that a place beside the image is one at its border. */
        private static final double LEAST = 1e-3;

        /**
         * The place between these sides, each 0..1; where two of them are equal, a narrow one there.
         *
         * @param right right side, not less than the left one
         * @param bottom lower side, not less than the upper one
         */
        public static Place between(double left, double top, double right, double bottom) {
            double width = Math.max(right - left, LEAST);
            double height = Math.max(bottom - top, LEAST);
            double x = Math.min(left, 1 - width);
            double y = Math.min(top, 1 - height);
            return new Place(x, y, Math.min(width, 1 - x), Math.min(height, 1 - y));
        }

        /** The place in a grid and its eight neighbours, as far as they are within the grid. */
        public static Place around(int column, int row, int columns, int rows) {
            int left = Math.max(0, column - 1);
            int top = Math.max(0, row - 1);
            double x = (double) left / columns;
            double y = (double) top / rows;
            return new Place(
                    x,
                    y,
                    Math.min((double) (Math.min(columns, column + 2) - left) / columns, 1 - x),
                    Math.min((double) (Math.min(rows, row + 2) - top) / rows, 1 - y));
        }
    }
}
