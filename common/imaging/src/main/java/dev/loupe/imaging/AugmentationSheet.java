package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_RGB2BGR;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;

/** Shows what an augmentation does to images: a PNG with a row for each image. Thread-safe. */
public final class AugmentationSheet {
    /** Number of cells in a row: the image, then changed copies of it. */
    public static final int COLUMNS = 6;

    private static final int GAP = 4;
    private static final int CHANNELS = 3;
    private static final int COMPRESSION = 3;

    private AugmentationSheet() {}

    /**
     * Draws the sheet.
     *
     * @param images images in any format that {@link ImageDecoder} reads, each the source of a row
     * @param mixing how the copies in a column, which are a batch, are mixed with each other: each with the one below it,
     *     the last with the first
     * @param side width and height of a cell in pixels
     * @param seed seed of the random numbers: the same seed gives the same sheet
     * @throws UnsupportedImageException if the format or variant of an image is not supported, or it exceeds the limits
     * @throws DamagedImageException if an image is incomplete
     * @throws DecoderBusyException if other images use the memory
     */
    public static byte[] png(List<byte[]> images, Augmentation augmentation, BatchMixing mixing, int side, long seed) {
        Preprocessing preprocessing = new Preprocessing(side, side, 255, new float[CHANNELS], new float[] {1, 1, 1});
        int width = COLUMNS * (side + GAP) - GAP;
        byte[] sheet = new byte[CHANNELS * width * (images.size() * (side + GAP) - GAP)];
        Arrays.fill(sheet, (byte) 0xFF);
        Random random = new Random(seed);
        float[][] columns = columns(images, augmentation, preprocessing, random);
        for (int column = 0; column < COLUMNS; column++) {
            if (column > 0) {
                float[] targets = new float[images.size()]; // which classes are mixed is not shown
                mixing.apply(columns[column], targets, images.size(), side, random);
            }
            for (int row = 0; row < images.size(); row++) {
                int corner = row * (side + GAP) * width + column * (side + GAP);
                draw(columns[column], row, side, sheet, corner, width);
            }
        }
        OpenCv.load();
        try (PointerScope scope = new PointerScope()) {
            Mat bgr = new Mat();
            cvtColor(OpenCv.mat(new Pixels(width, sheet.length / CHANNELS / width, sheet)), bgr, COLOR_RGB2BGR);
            return OpenCv.png(bgr, COMPRESSION);
        }
    }

    /** The images, then changed copies of them: in each column one for each image, one after the other. */
    private static float[][] columns(
            List<byte[]> images, Augmentation augmentation, Preprocessing preprocessing, Random random) {
        int length = preprocessing.size();
        float[][] columns = new float[COLUMNS][images.size() * length];
        for (int row = 0; row < images.size(); row++) {
            float[] image = preprocessing.apply(images.get(row));
            for (int column = 0; column < COLUMNS; column++) {
                float[] cell = column == 0
                        ? image
                        : augmentation.apply(image, preprocessing.width(), preprocessing.height(), random);
                System.arraycopy(cell, 0, columns[column], row * length, length);
            }
        }
        return columns;
    }

    private static void draw(float[] cells, int row, int side, byte[] sheet, int corner, int width) {
        int length = CHANNELS * side * side;
        for (int i = 0; i < length; i++) {
            int channel = i / (side * side);
            int place = i % (side * side);
            int pixel = corner + place / side * width + place % side;
            sheet[CHANNELS * pixel + channel] = (byte) Math.round(255 * cells[row * length + i]);
        }
    }
}
