package dev.loupe.vision.anomaly;

import dev.loupe.imaging.ImageConditions;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.NormalRange;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingImage;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.ConvolveOp;
import java.awt.image.Kernel;
import java.awt.image.RescaleOp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.UnaryOperator;
import javax.imageio.ImageIO;

/** How many images of a real data set get a warning: normal ones that the range was not learned from, and changed ones. */
public final class RangeMeasure {
    private static final Preprocessing PREPROCESSING = Scattering.backbone().preprocessing();
    private static final int CHANGED = 50;

    private RangeMeasure() {}

    /** Prints the shares, and returns that of the unchanged images. */
    public static double measure(String data, List<TrainingImage> normal) throws Exception {
        List<ImageConditions> all = NormalImages.measure(normal, PREPROCESSING, 2, Progress.NONE);
        int warned = 0;
        int judged = 0;
        // Each half is judged by the range of the other one, in five random partitions.
        Random random = new Random(1);
        for (int partition = 0; partition < 5; partition++) {
            List<ImageConditions> shuffled = new java.util.ArrayList<>(all);
            java.util.Collections.shuffle(shuffled, random);
            int half = shuffled.size() / 2;
            List<ImageConditions> first = shuffled.subList(0, half);
            List<ImageConditions> second = shuffled.subList(half, shuffled.size());
            warned += warned(NormalImages.range(first), second) + warned(NormalImages.range(second), first);
            judged += shuffled.size();
        }
        NormalRange range = NormalImages.range(all);
        List<TrainingImage> some = normal.subList(0, Math.min(CHANGED, normal.size()));
        System.out.printf(
                Locale.ROOT,
                "%s: %d normal images, %d of %d judgements with a warning (%.2f %%); %s%n",
                data,
                normal.size(),
                warned,
                judged,
                100.0 * warned / judged,
                range.limits());
        changed(range, some, "brightness x 0.8", image -> scaled(image, 0.8f));
        changed(range, some, "brightness x 0.6", image -> scaled(image, 0.6f));
        changed(range, some, "blurred, 5 x 5", image -> blurred(image, 5));
        changed(range, some, "blurred, 9 x 9", image -> blurred(image, 9));
        changed(range, some, "half cut off", image -> image.getSubimage(0, 0, image.getWidth(), image.getHeight() / 2));
        changed(range, some, "half the size", RangeMeasure::halved);
        time();
        return (double) warned / judged;
    }

    private static int warned(NormalRange range, List<ImageConditions> images) {
        return (int) images.stream()
                .filter(image -> !range.warnings(image).isEmpty())
                .count();
    }

    private static void changed(
            NormalRange range, List<TrainingImage> images, String change, UnaryOperator<BufferedImage> operator)
            throws Exception {
        Path folder = Files.createTempDirectory("changed");
        List<TrainingImage> changed = new java.util.ArrayList<>();
        for (TrainingImage image : images) {
            BufferedImage read = ImageIO.read(image.file().toFile());
            BufferedImage rgb = new BufferedImage(read.getWidth(), read.getHeight(), BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = rgb.createGraphics();
            graphics.drawImage(read, 0, 0, null);
            graphics.dispose();
            Path file = folder.resolve(changed.size() + ".png");
            ImageIO.write(operator.apply(rgb), "png", file.toFile());
            changed.add(new TrainingImage(image.id(), file, image.label(), image.split()));
        }
        int warned = warned(range, NormalImages.measure(changed, PREPROCESSING, 2, Progress.NONE));
        System.out.printf(Locale.ROOT, "  %s: %d of %d with a warning%n", change, warned, changed.size());
    }

    private static BufferedImage scaled(BufferedImage image, float factor) {
        return new RescaleOp(factor, 0, null).filter(image, null);
    }

    private static BufferedImage blurred(BufferedImage image, int side) {
        float[] weights = new float[side * side];
        Arrays.fill(weights, 1f / weights.length);
        return new ConvolveOp(new Kernel(side, side, weights), ConvolveOp.EDGE_NO_OP, null).filter(image, null);
    }

    private static BufferedImage halved(BufferedImage image) {
        BufferedImage half = new BufferedImage(image.getWidth() / 2, image.getHeight() / 2, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = half.createGraphics();
        graphics.drawImage(image, 0, 0, half.getWidth(), half.getHeight(), null);
        graphics.dispose();
        return half;
    }

    private static void time() {
        float[] input = new float[PREPROCESSING.size()];
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 200; round++) {
            long start = System.nanoTime();
            ImageConditions.of(input, 0, PREPROCESSING);
            best = Math.min(best, System.nanoTime() - start);
        }
        System.out.printf(Locale.ROOT, "  measuring an input: %.3f ms%n", best / 1e6);
    }
}
