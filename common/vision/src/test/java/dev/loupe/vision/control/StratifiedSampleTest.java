package dev.loupe.vision.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.loupe.contracts.Split;
import dev.loupe.vision.training.TrainingImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StratifiedSampleTest {
    private final List<TrainingImage> images = new ArrayList<>();

    @Test
    void keepsTheSharesOfTheLabels() {
        add("a", 600);
        add("b", 300);
        add("c", 3);

        List<TrainingImage> drawn = StratifiedSample.of(images, 90, 1);

        assertEquals(59, count(drawn, "a"));
        assertEquals(29, count(drawn, "b"));
        assertEquals(1, count(drawn, "c"), "a rare label is not lost");
        assertEquals(drawn.size(), drawn.stream().distinct().count());
        assertEquals(drawn, StratifiedSample.of(images, 90, 1));
        assertNotEquals(drawn, StratifiedSample.of(images, 90, 2));
    }

    @Test
    void takesAllOfFewImages() {
        add("a", 90);
        assertSame(images, StratifiedSample.of(images, 90, 1));
    }

    private void add(String label, int count) {
        for (int i = 0; i < count; i++) {
            images.add(new TrainingImage(label + i, Path.of(label + i), label, Split.TRAIN));
        }
    }

    private static long count(List<TrainingImage> images, String label) {
        return images.stream().filter(image -> image.label().equals(label)).count();
    }
}
