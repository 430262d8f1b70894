package dev.loupe.dataset.finding;

import dev.loupe.contracts.Split;
import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.MeasuredImage;
import dev.loupe.imaging.ImageFormat;
import dev.loupe.imaging.ImageInspection;
import dev.loupe.imaging.ImageProperties;
import dev.loupe.storage.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** An image with measures that a test chooses. Without a choice, it is like the others, except for its hashes. */
record Measured(
        int number,
        String label,
        Split split,
        int width,
        int height,
        long hash,
        double brightness,
        double darkShare,
        double sharpness) {

    static Measured of(int number, String label) {
        // SplitMix64: hashes of different numbers are far from each other.
        long hash = (number + 1) * 0x9E3779B97F4A7C15L;
        hash = (hash ^ hash >>> 30) * 0xBF58476D1CE4E5B9L;
        hash = (hash ^ hash >>> 27) * 0x94D049BB133111EBL;
        return new Measured(number, label, null, 640, 480, hash ^ hash >>> 31, 100 + number % 7, 0, 50 + number % 11);
    }

    Measured split(Split wanted) {
        return new Measured(number, label, wanted, width, height, hash, brightness, darkShare, sharpness);
    }

    Measured size(int newWidth, int newHeight) {
        return new Measured(number, label, split, newWidth, newHeight, hash, brightness, darkShare, sharpness);
    }

    /** The hash of another image, of which some bits differ. */
    Measured like(Measured other, long bits) {
        return new Measured(number, label, split, width, height, other.hash ^ bits, brightness, darkShare, sharpness);
    }

    Measured exposed(double newBrightness, double newDarkShare) {
        return new Measured(number, label, split, width, height, hash, newBrightness, newDarkShare, sharpness);
    }

    Measured sharp(double newSharpness) {
        return new Measured(number, label, split, width, height, hash, brightness, darkShare, newSharpness);
    }

    String sha256() {
        return Sha256.of(String.valueOf(number).getBytes(StandardCharsets.UTF_8));
    }

    MeasuredImage image() {
        return new MeasuredImage(
                new Image(
                        sha256(),
                        number + ".png",
                        1000,
                        "PNG",
                        width,
                        height,
                        label,
                        null,
                        split,
                        null,
                        Instant.EPOCH,
                        null),
                new ImageProperties(
                        new ImageInspection(ImageFormat.PNG, width, height),
                        hash,
                        hash,
                        brightness,
                        darkShare,
                        0,
                        sharpness));
    }
}
