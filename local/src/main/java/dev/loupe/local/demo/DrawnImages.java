package dev.loupe.local.demo;

import dev.loupe.cli.CommandException;
import dev.loupe.contracts.Task;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** A folder of drawn parts in a layout that an import reads. Its seeds are constants, so it is always the same. */
final class DrawnImages {
    private static final int ANOMALY_TRAIN = 60;
    private static final int ANOMALY_TEST = 20;
    private static final int DEFECT_TEST = 5;
    private static final int CLASS_TRAIN = 24;
    private static final int CLASS_TEST = 8;
    private static final String NORMAL = "good";

    private DrawnImages() {}

    private record Image(String file, long seed, Defect defect) {}

    /**
     * Draws what is not there yet.
     *
     * @param parent folder of the drawn folders
     * @return the folder: {@code train/good}, {@code test/good}, {@code test/scratch} … for anomalies, the same classes in
     *     {@code train} and {@code test} for a classification
     */
    static Path folder(Path parent, Task task) {
        Path folder =
                parent.resolve("drawn-" + task.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        if (Files.isDirectory(folder)) {
            return folder;
        }
        Path unfinished = parent.resolve(folder.getFileName() + ".unfinished");
        try {
            ImageIO.setUseCache(false);
            images(task).parallelStream().forEach(image -> write(unfinished, image));
            // Its name says that it is whole.
            return Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failed) {
            throw new CommandException("can't write " + folder + ": " + failed.getMessage(), failed);
        }
    }

    private static List<Image> images(Task task) {
        List<Image> images = new ArrayList<>();
        switch (task) {
            case ANOMALY_DETECTION -> {
                add(images, "train", null, ANOMALY_TRAIN);
                add(images, "test", null, ANOMALY_TEST);
                for (Defect defect : Defect.values()) {
                    add(images, "test", defect, DEFECT_TEST);
                }
            }
            case CLASSIFICATION -> {
                for (String split : List.of("train", "test")) {
                    int count = split.equals("train") ? CLASS_TRAIN : CLASS_TEST;
                    add(images, split, null, count);
                    for (Defect defect : Defect.values()) {
                        add(images, split, defect, count);
                    }
                }
            }
        }
        return images;
    }

    private static void add(List<Image> images, String split, Defect defect, int count) {
        String name = defect == null ? NORMAL : defect.folder();
        for (int i = 0; i < count; i++) {
            String file = String.format(Locale.ROOT, "%s/%s/%s-%s-%03d.png", split, name, split, name, i);
            images.add(new Image(file, file.hashCode(), defect));
        }
    }

    private static void write(Path folder, Image image) {
        Path file = folder.resolve(image.file());
        BufferedImage drawn = MetalPart.draw(image.seed(), image.defect());
        try {
            Files.createDirectories(file.getParent());
            ImageIO.write(drawn, "png", file.toFile());
        } catch (IOException failed) {
            throw new CommandException("can't write " + file + ": " + failed.getMessage(), failed);
        }
    }
}
