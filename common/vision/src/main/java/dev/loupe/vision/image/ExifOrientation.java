package dev.loupe.vision.image;

import static org.bytedeco.opencv.global.opencv_core.ROTATE_180;
import static org.bytedeco.opencv.global.opencv_core.ROTATE_90_CLOCKWISE;
import static org.bytedeco.opencv.global.opencv_core.ROTATE_90_COUNTERCLOCKWISE;
import static org.bytedeco.opencv.global.opencv_core.flip;
import static org.bytedeco.opencv.global.opencv_core.rotate;
import static org.bytedeco.opencv.global.opencv_core.transpose;

import com.drew.imaging.ImageMetadataReader;
import com.drew.imaging.ImageProcessingException;
import com.drew.imaging.jpeg.JpegMetadataReader;
import com.drew.metadata.Metadata;
import com.drew.metadata.MetadataException;
import com.drew.metadata.exif.ExifDirectoryBase;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;

/** How the camera was held: EXIF 2.32, tag 274, values 1 to 8. */
final class ExifOrientation {
    private static final int UPRIGHT = 1;

    private ExifOrientation() {}

    /** The orientation that a file asks for; 1 if it does not say, or says it in a way that can't be read. */
    static int of(byte[] encoded, ImageFormat format) {
        if (format == ImageFormat.BMP) {
            return UPRIGHT;
        }
        try (ByteArrayInputStream stream = new ByteArrayInputStream(encoded)) {
            Metadata metadata = format == ImageFormat.JPEG
                    ? JpegMetadataReader.readMetadata(stream, List.of(new ExifReader()))
                    : ImageMetadataReader.readMetadata(stream, encoded.length);
            ExifIFD0Directory exif = metadata.getFirstDirectoryOfType(ExifIFD0Directory.class);
            return exif != null && exif.containsTag(ExifDirectoryBase.TAG_ORIENTATION)
                    ? exif.getInt(ExifDirectoryBase.TAG_ORIENTATION)
                    : UPRIGHT;
        } catch (ImageProcessingException | MetadataException | IOException | RuntimeException e) {
            // Broken metadata does not spoil a whole picture.
            return UPRIGHT;
        }
    }

    /** Turns and mirrors, so that the first row is the top and the first column the left. */
    static Mat apply(Mat stored, int orientation) {
        Mat upright = new Mat();
        switch (orientation) {
            case 2 -> flip(stored, upright, 1);
            case 3 -> rotate(stored, upright, ROTATE_180);
            case 4 -> flip(stored, upright, 0);
            case 5 -> transpose(stored, upright);
            case 6 -> rotate(stored, upright, ROTATE_90_CLOCKWISE);
            case 7 -> {
                Mat transposed = new Mat();
                transpose(stored, transposed);
                rotate(transposed, upright, ROTATE_180);
            }
            case 8 -> rotate(stored, upright, ROTATE_90_COUNTERCLOCKWISE);
            default -> {
                return stored;
            }
        }
        return upright;
    }
}
