package dev.loupe.vision;

import dev.loupe.contracts.Split;
import dev.loupe.vision.training.TrainingImage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/** Surfaces of 64 pixels a side, drawn from a seed, whose defects show in one kind of feature only. */
public final class DrawnSurfaces {
    public static final List<String> LABELS = List.of("normal", "abnormal");

    private static final int SIDE = 64;
    private static final int CELL = 8;
    private static final int DEFECT = 2 * CELL;

    private final Kind kind;
    private final Path folder;
    private final Random random = new Random(5);
    private final List<TrainingImage> images = new ArrayList<>();

    /** What a defect changes. */
    public enum Kind {
        /** The colour, with the brightness as before. */
        COLOUR,
        /** Bright dots are dark ones, with the brightness of a place as before: the modulus of a wavelet is the same. */
        POLARITY
    }

    private DrawnSurfaces(Kind kind, Path folder) {
        this.kind = kind;
        this.folder = folder;
    }

    /** Normal TRAIN images, and as many normal as abnormal ones in DEV and in TEST. */
    public static List<TrainingImage> draw(Kind kind, Path folder, int train, int devEach, int testEach) {
        DrawnSurfaces surfaces = new DrawnSurfaces(kind, folder);
        surfaces.add(train, "normal", Split.TRAIN);
        for (String label : LABELS) {
            surfaces.add(devEach, label, Split.DEV);
            surfaces.add(testEach, label, Split.TEST);
        }
        return surfaces.images;
    }

    private void add(int count, String label, Split split) {
        for (int i = 0; i < count; i++) {
            String id = split + "-" + label + "-" + i;
            Path file = folder.resolve(id + ".png");
            try {
                Files.createDirectories(folder);
                ImageIO.write(surface(label.equals("abnormal")), "png", file.toFile());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            images.add(new TrainingImage(id, file, label, split));
        }
    }

    private BufferedImage surface(boolean abnormal) {
        int left = CELL * random.nextInt((SIDE - DEFECT) / CELL);
        int top = CELL * random.nextInt((SIDE - DEFECT) / CELL);
        double[][] grey = grey();
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                boolean defect = abnormal && x >= left && x < left + DEFECT && y >= top && y < top + DEFECT;
                image.setRGB(x, y, pixel(grey[y][x], defect));
            }
        }
        return image;
    }

    /** Differences from the mean brightness, whose mean is 0 in each cell. */
    private double[][] grey() {
        double[][] grey = new double[SIDE][SIDE];
        for (int y = 0; y < SIDE; y += CELL) {
            for (int x = 0; x < SIDE; x += CELL) {
                int dotX = x + 1 + random.nextInt(CELL - 2);
                int dotY = y + 1 + random.nextInt(CELL - 2);
                double height = 50 + 20 * random.nextDouble();
                for (int i = 0; i < CELL * CELL; i++) {
                    grey[y + i / CELL][x + i % CELL] = -height / (CELL * CELL);
                }
                grey[dotY][dotX] += height;
            }
        }
        return grey;
    }

    private int pixel(double grey, boolean defect) {
        double value = 128 + random.nextInt(3) + (kind == Kind.POLARITY && defect ? -grey : grey);
        double[] tint = kind == Kind.COLOUR && defect ? new double[] {1.1, 0.9, 1} : new double[] {1, 1, 1};
        int rgb = 0;
        for (double factor : tint) {
            rgb = rgb << 8 | Math.clamp(Math.round(value * factor), 0, 255);
        }
        return rgb;
    }
}
