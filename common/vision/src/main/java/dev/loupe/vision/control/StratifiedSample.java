package dev.loupe.vision.control;

import dev.loupe.vision.training.TrainingImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Some of the images, in which each label has about the share that it has among all. */
final class StratifiedSample {
    private StratifiedSample() {}

    /**
     * Draws images.
     *
     * @param most number of images to draw; exceeded only if there are more labels, of each of which one is drawn
     * @return the drawn images in their order; all if there are no more than {@code most}
     */
    static List<TrainingImage> of(List<TrainingImage> images, int most, long seed) {
        if (images.size() <= most) {
            return images;
        }
        Map<String, List<TrainingImage>> byLabel =
                images.stream().collect(Collectors.groupingBy(TrainingImage::label, TreeMap::new, Collectors.toList()));
        Random random = new Random(seed);
        Set<TrainingImage> drawn = new HashSet<>();
        for (List<TrainingImage> ofLabel : byLabel.values()) {
            List<TrainingImage> shuffled = new ArrayList<>(ofLabel);
            Collections.shuffle(shuffled, random);
            int share = (int) ((long) most * ofLabel.size() / images.size());
            drawn.addAll(shuffled.subList(0, Math.max(1, share)));
        }
        return images.stream().filter(drawn::contains).toList();
    }
}
