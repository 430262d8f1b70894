package dev.loupe.vision;

import dev.loupe.contracts.Split;
import dev.loupe.vision.training.TrainingImage;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/** Brushed metal plates, whole or scratched or dented, drawn from a seed; with masks of the damage. */
public final class DrawnParts {
    public static final String NORMAL = "normal";
    public static final String ABNORMAL = "abnormal";

    private final Path folder;
    private final int side;
    private final Random random;
    private final List<TrainingImage> images = new ArrayList<>();

    private DrawnParts(Path folder, int side, long seed) {
        this.folder = folder;
        this.side = side;
        this.random = new Random(seed);
    }

    /** Normal TRAIN images, and as many normal as abnormal ones in DEV and in TEST. */
    public static List<TrainingImage> draw(Path folder, int side, int train, int devEach, int testEach) {
        DrawnParts parts = new DrawnParts(folder, side, 42);
        parts.add(train, NORMAL, Split.TRAIN);
        for (String label : List.of(NORMAL, ABNORMAL)) {
            parts.add(devEach, label, Split.DEV);
            parts.add(testEach, label, Split.TEST);
        }
        return parts.images;
    }

    private void add(int count, String label, Split split) {
        for (int i = 0; i < count; i++) {
            String id = split + "-" + label + "-" + i;
            BufferedImage plate = plate();
            String defect = null;
            Path mask = null;
            if (label.equals(ABNORMAL)) {
                defect = i % 2 == 0 ? "scratch" : "dent";
                mask = write(damage(plate, i % 2 == 0), id + "-mask");
            }
            images.add(new TrainingImage(id, write(plate, id), label, split, defect, mask));
        }
    }

    private Path write(BufferedImage image, String name) {
        try {
            Path file = Files.createDirectories(folder).resolve(name + ".png");
            ImageIO.write(image, "png", file.toFile());
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private BufferedImage plate() {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        int base = 130 + random.nextInt(30);
        for (int y = 0; y < side; y++) {
            int row = random.nextInt(16);
            for (int x = 0; x < side; x++) {
                int grey = Math.clamp(base + row + random.nextInt(10) - 20 * x / side, 0, 255);
                image.setRGB(x, y, grey << 16 | grey << 8 | grey);
            }
        }
        return image;
    }

    /** Damages the plate, and returns the mask of the damage. */
    private BufferedImage damage(BufferedImage plate, boolean scratch) {
        int x = side / 4 + random.nextInt(side / 2);
        int y = side / 4 + random.nextInt(side / 2);
        int end = scratch ? y + side / 8 + random.nextInt(side / 8) : y;
        BufferedImage mask = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_GRAY);
        for (BufferedImage image : List.of(plate, mask)) {
            Graphics2D graphics = image.createGraphics();
            if (image == plate) {
                graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            }
            if (scratch) {
                graphics.setColor(image == mask ? Color.WHITE : new Color(70, 70, 75));
                graphics.setStroke(new BasicStroke(side / 70f));
                graphics.drawLine(x, y, x + side / 6, end);
            } else {
                graphics.setColor(image == mask ? Color.WHITE : new Color(105, 100, 95));
                graphics.fillOval(x, y, side / 10, side / 12);
            }
            graphics.dispose();
        }
        return mask;
    }
}
