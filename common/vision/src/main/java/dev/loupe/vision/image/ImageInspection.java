package dev.loupe.vision.image;

/**
 * What an image is, found by decoding it whole.
 *
 * @param format found by content
 * @param width pixels, after EXIF orientation
 * @param height pixels, after EXIF orientation
 */
public record ImageInspection(ImageFormat format, int width, int height) {}
