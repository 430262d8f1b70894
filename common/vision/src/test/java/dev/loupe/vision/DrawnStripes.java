package dev.loupe.vision;

import dev.loupe.contracts.Split;
import dev.loupe.vision.training.TrainingImage;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/** Drawn images for classifiers: stripes that lie or stand. */
public final class DrawnStripes {
    public static final List<String> LABELS = List.of("lying", "standing");

    private static final int SIDE = 64;

    private DrawnStripes() {}

    /** 24 TRAIN, 8 DEV and 8 TEST images of each label, drawn once in a folder. */
    public static List<TrainingImage> images(Path folder) throws IOException {
        return images(folder, 48, 16, 16);
    }

    /** The same with other numbers of images, half of them of each label. */
    public static List<TrainingImage> images(Path folder, int train, int dev, int test) throws IOException {
        List<TrainingImage> images = new ArrayList<>();
        Random random = new Random(11);
        for (int i = 0; i < train + dev + test; i++) {
            Split split = i < train ? Split.TRAIN : i < train + dev ? Split.DEV : Split.TEST;
            Path file = folder.resolve(i + ".png");
            BufferedImage image = stripes(i % 2 == 0, random);
            if (!Files.exists(file)) {
                ImageIO.write(image, "png", file.toFile());
            }
            images.add(new TrainingImage(i + ".png", file, LABELS.get(i % 2), split));
        }
        return images;
    }

    private static BufferedImage stripes(boolean lying, Random random) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        int pitch = 6 + random.nextInt(6);
        for (int at = random.nextInt(pitch); at < SIDE; at += pitch) {
            pen.setColor(new Color(120 + random.nextInt(120), 120 + random.nextInt(120), 120));
            if (lying) {
                pen.fillRect(0, at, SIDE, pitch / 2);
            } else {
                pen.fillRect(at, 0, pitch / 2, SIDE);
            }
        }
        pen.dispose();
        return image;
    }
}
