package dev.loupe.inference.prediction;

import dev.loupe.imaging.ImageMeasurement;
import dev.loupe.imaging.ImageProperties;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What is measured of the image of a prediction.
 *
 * @param sha256 lower-case hexadecimal, of the encoded image
 */
record MeasuredImage(String sha256, String mediaType, int width, int height, double brightness, double sharpness) {
    /** @throws RuntimeException as {@link ImageMeasurement#measure} */
    static MeasuredImage of(byte[] encoded) {
        ImageProperties properties = ImageMeasurement.measure(encoded);
        return new MeasuredImage(
                sha256(encoded),
                properties.inspection().format().mediaType(),
                properties.inspection().width(),
                properties.inspection().height(),
                properties.brightness(),
                properties.sharpness());
    }

    private static String sha256(byte[] encoded) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(encoded));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // each Java has it
        }
    }
}
