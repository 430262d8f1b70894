package dev.loupe.dataset.image;

import dev.loupe.imaging.ImageProperties;

/**
 * An image with what was measured of its pixels.
 *
 * @param properties null while it is not measured, and if it cannot be
 */
public record MeasuredImage(Image image, ImageProperties properties) {}
