package dev.loupe.dataset.upload;

import dev.loupe.dataset.upload.format.ArchivePath;
import dev.loupe.imaging.DecoderBusyException;
import dev.loupe.imaging.ImageDecoder;
import dev.loupe.imaging.ImageInspection;
import dev.loupe.imaging.Pixels;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** Combines several masks of an image: a pixel is defective if it is defective in any mask. Not thread-safe. */
final class MaskUnion {
    /** Most pixels of such a mask, so that it takes little memory in addition to the decoder's. */
    private static final long MAX_PIXELS = 16_000_000;

    private BufferedImage union;

    /**
     * Adds a mask; throws {@code IMAGE_DAMAGED} or {@code IMAGE_TOO_LARGE} with the reason if it cannot be combined.
     */
    void add(ArchivePath file, byte[] png) {
        Pixels pixels;
        try {
            ImageInspection seen = ImageDecoder.inspect(png);
            if ((long) seen.width() * seen.height() > MAX_PIXELS) {
                throw new ServiceException(
                        ErrorCode.IMAGE_TOO_LARGE,
                        "several masks of one image have at most " + MAX_PIXELS / 1_000_000 + " megapixels");
            }
            pixels = ImageDecoder.decode(png);
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ErrorCode.IMAGE_DAMAGED, "mask " + file.file() + ": " + e.getMessage(), e);
        } catch (DecoderBusyException e) {
            throw new ServiceException(ErrorCode.OVERLOADED, "mask " + file.file() + ": " + e.getMessage(), e);
        }
        if (union == null) {
            union = new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_BYTE_GRAY);
        } else if (union.getWidth() != pixels.width() || union.getHeight() != pixels.height()) {
            throw new ServiceException(
                    ErrorCode.IMAGE_DAMAGED,
                    "a mask of %d x %d pixels, the image's other masks have %d x %d"
                            .formatted(pixels.width(), pixels.height(), union.getWidth(), union.getHeight()));
        }
        byte[] defects = ((DataBufferByte) union.getRaster().getDataBuffer()).getData();
        byte[] rgb = pixels.rgb();
        for (int i = 0; i < defects.length; i++) {
            if ((rgb[3 * i] | rgb[3 * i + 1] | rgb[3 * i + 2]) != 0) {
                defects[i] = (byte) 255;
            }
        }
    }

    boolean isEmpty() {
        return union == null;
    }

    /** Returns the union as PNG; 255 where a pixel is defective. */
    byte[] png() {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try {
            ImageIO.write(union, "png", png);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return png.toByteArray();
    }
}
