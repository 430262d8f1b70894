package dev.loupe.imaging;

/**
 * A decoded image.
 *
 * @param width pixels, at least 1
 * @param height pixels, at least 1
 * @param rgb {@code 3 * width * height} bytes: rows from top to bottom, each pixel R, G, B of 0..255; must not be
 *     modified
 */
public record Pixels(int width, int height, byte[] rgb) {
    public Pixels {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException("RGB image of " + width + " x " + height
                    + " pixels: expected 3 bytes per pixel, got " + rgb.length + " bytes");
        }
    }
}
