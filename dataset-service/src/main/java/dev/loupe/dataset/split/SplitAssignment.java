package dev.loupe.dataset.split;

import static dev.loupe.contracts.dataset.DatasetManifest.ABNORMAL;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.image.Image;
import dev.loupe.storage.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Assigns a split to each image of a version. For each label of each product separately (so splits are stratified), images are sorted
 * by {@code sha256(seed, image)}, which is as good as random and the same on every machine:
 *
 * <ul>
 *   <li>an assigned split is kept, except that DEV is taken out of TRAIN for a label that has images assigned to TRAIN
 *       and none assigned to DEV: 15 % of a class, 10 % of normal images;
 *   <li>of the images without a split the first 15 % are TEST, the next 15 % DEV, the others TRAIN;
 *   <li>abnormal images are never TRAIN: half are TEST (the odd one too), half DEV.
 * </ul>
 *
 * A label of three images or more is in every split. Because the position of an image does not depend on the others,
 * later versions with more images keep almost all images in their splits; only images at a boundary move to the
 * neighbouring split.
 */
public final class SplitAssignment {
    private static final double SHARE = 0.15;
    private static final double DEV_OF_NORMAL = 0.10;

    private final Task task;
    private final long seed;
    private final Map<String, Split> assigned = new HashMap<>();

    /** Images that are split in the same proportions. */
    private record Stratum(String label, String product) {
        static Stratum of(Image image) {
            return new Stratum(image.label(), image.product());
        }
    }

    private SplitAssignment(Task task, long seed) {
        this.task = task;
        this.seed = seed;
    }

    /** Returns the split of each image, by digest. All images must have a label. */
    public static Map<String, Split> assign(Task task, long seed, List<Image> images) {
        SplitAssignment assignment = new SplitAssignment(task, seed);
        images.stream()
                .collect(Collectors.groupingBy(Stratum::of, LinkedHashMap::new, Collectors.toList()))
                .forEach((stratum, some) -> assignment.assignLabel(stratum.label(), some));
        return assignment.assigned;
    }

    private void assignLabel(String label, List<Image> images) {
        boolean abnormal = task == Task.ANOMALY_DETECTION && label.equals(ABNORMAL);
        List<Image> free = new ArrayList<>();
        List<Image> train = new ArrayList<>();
        boolean hasDev = false;
        for (Image image : drawn(images)) {
            // A detector must not learn from abnormal images, even if the row says TRAIN.
            if (image.split() == null || abnormal && image.split() == Split.TRAIN) {
                free.add(image);
            } else {
                assigned.put(image.sha256(), image.split());
                hasDev |= image.split() == Split.DEV;
                if (image.split() == Split.TRAIN) {
                    train.add(image);
                }
            }
        }
        if (!hasDev) {
            double share = task == Task.ANOMALY_DETECTION ? DEV_OF_NORMAL : SHARE;
            int dev = train.size() < 2 ? 0 : part(share, train.size());
            train.subList(0, dev).forEach(image -> assigned.put(image.sha256(), Split.DEV));
        }
        if (abnormal) {
            share(free, (free.size() + 1) / 2, free.size() / 2);
        } else {
            int test = free.size() < 2 ? 0 : part(SHARE, free.size());
            share(free, test, free.size() < 3 ? 0 : part(SHARE, free.size()));
        }
    }

    private void share(List<Image> images, int test, int dev) {
        for (int i = 0; i < images.size(); i++) {
            assigned.put(images.get(i).sha256(), i < test ? Split.TEST : i < test + dev ? Split.DEV : Split.TRAIN);
        }
    }

    /** Returns the share of n, rounded, at least one. */
    private static int part(double share, int n) {
        return Math.max(1, (int) Math.round(share * n));
    }

    private List<Image> drawn(List<Image> images) {
        Map<String, String> order = images.stream()
                .collect(Collectors.toMap(
                        Image::sha256,
                        image -> Sha256.of((seed + " " + image.sha256()).getBytes(StandardCharsets.UTF_8)),
                        (first, _) -> first));
        Function<Image, String> place = image -> order.get(image.sha256());
        return images.stream().sorted(Comparator.comparing(place)).toList();
    }
}
