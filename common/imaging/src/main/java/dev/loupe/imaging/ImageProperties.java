package dev.loupe.imaging;

/**
 * What is measured of the pixels of an image, so that images that are alike and images that stand out can be found.
 * Two images look alike if few bits of their hashes differ.
 *
 * @param inspection format and size
 * @param perceptualHash 64 bits: which of the 8 x 8 lowest frequencies are above their median
 * @param differenceHash 64 bits: where the brightness grows from left to right, in 8 rows of 9 areas
 * @param brightness mean grey value, 0..255
 * @param darkShare share of the pixels that are black, or nearly so, 0..1
 * @param brightShare share of the pixels that are white, or nearly so, 0..1
 * @param sharpness variance of the Laplacian, 0 or greater; low if the image is blurred or shows little detail
 */
public record ImageProperties(
        ImageInspection inspection,
        long perceptualHash,
        long differenceHash,
        double brightness,
        double darkShare,
        double brightShare,
        double sharpness) {}
