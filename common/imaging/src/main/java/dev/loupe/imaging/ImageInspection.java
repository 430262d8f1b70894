package dev.loupe.imaging;

/**
 * Properties of an image.
 *
 * @param format format, detected by content
 * @param width pixels, after EXIF orientation
 * @param height pixels, after EXIF orientation
 */
public record ImageInspection(ImageFormat format, int width, int height) {}
