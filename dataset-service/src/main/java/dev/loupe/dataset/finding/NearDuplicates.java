package dev.loupe.dataset.finding;

import dev.loupe.dataset.image.MeasuredImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * Groups of images that look alike. Two images do if few bits of their perceptual hashes differ, and few of their
 * difference hashes. Pairs that share an image are one group.
 *
 * <p>Hashes do not distinguish the items in front of a fixed camera, or the frames of a film. So, of a label more than a
 * fifth of whose images look like another one of it, only images with equal hashes are grouped; if these are more than
 * a fifth, too, none. An image that looks like more than {@value #CROWD} others is in no group either, so a search takes
 * time in proportion to the candidates of {@link HashIndex}.
 */
final class NearDuplicates {
    /** Most images that an image of a group looks like. */
    static final int CROWD = 10;
    /** How many more bits of the difference hash may differ: it changes more with compression. */
    static final int DIFFERENCE_SLACK = 2;
    /** Sharpness up to which an image is one colour, and its hashes are noise. */
    static final double ONE_COLOUR = 1;
    /** Share of the images of a label that look like another one of it, from which on hashes do not distinguish them. */
    static final double MOST_ALIKE = 0.2;
    /** Images of a label that such a share needs. */
    static final int FEWEST = 20;

    private final List<MeasuredImage> images;
    private final HashIndex index;
    private final BiPredicate<MeasuredImage, MeasuredImage> comparable;
    /** For each image, some others that look like it: all, or one more than {@link #CROWD}. */
    private final int[][] near;

    private final Map<String, Integer> alikeByLabel;

    private NearDuplicates(
            List<MeasuredImage> images, int distance, BiPredicate<MeasuredImage, MeasuredImage> comparable) {
        this.images = images;
        this.comparable = comparable;
        this.index = new HashIndex(images.stream()
                .mapToLong(image -> image.properties().perceptualHash())
                .toArray());
        this.near = new int[images.size()][];
        for (int i = 0; i < near.length; i++) {
            near[i] = near(i, distance, distance + DIFFERENCE_SLACK);
        }
        this.alikeByLabel = alikeByLabel();
        replace(labelsOfAlike(alikeByLabel), i -> near(i, 0, 0));
        replace(labelsOfAlike(alikeByLabel()), _ -> new int[0]);
    }

    /**
     * Searches among images.
     *
     * @param all images, of which those without measures are ignored
     * @param distance greatest number of differing bits of the perceptual hash
     * @param comparable whether two images may be near duplicates of each other
     */
    static NearDuplicates find(
            List<MeasuredImage> all, int distance, BiPredicate<MeasuredImage, MeasuredImage> comparable) {
        List<MeasuredImage> images = all.stream()
                .filter(image ->
                        image.properties() != null && image.properties().sharpness() > ONE_COLOUR)
                .toList();
        return new NearDuplicates(images, distance, comparable);
    }

    private int[] near(int position, int perceptual, int difference) {
        MeasuredImage image = images.get(position);
        int[] others = new int[CROWD + 1];
        int[] count = new int[1];
        index.forEachNear(position, perceptual, other -> {
            if (differing(image, images.get(other)) <= difference && comparable.test(image, images.get(other))) {
                others[count[0]++] = other;
            }
            return count[0] < others.length;
        });
        return Arrays.copyOf(others, count[0]);
    }

    private static int differing(MeasuredImage one, MeasuredImage other) {
        return Long.bitCount(
                one.properties().differenceHash() ^ other.properties().differenceHash());
    }

    private String label(int image) {
        return String.valueOf(images.get(image).image().label());
    }

    /** Returns the labels most of whose images look alike. */
    private Set<String> labelsOfAlike(Map<String, Integer> alike) {
        Map<String, Integer> all = new HashMap<>();
        for (int i = 0; i < near.length; i++) {
            all.merge(label(i), 1, Integer::sum);
        }
        return alike.entrySet().stream()
                .filter(entry -> isMostlyAlike(entry.getValue(), all.get(entry.getKey())))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Whether so many images look alike that hashes do not distinguish the images. */
    static boolean isMostlyAlike(int alike, int images) {
        return images >= FEWEST && alike > MOST_ALIKE * images;
    }

    private void replace(Set<String> labels, IntFunction<int[]> others) {
        for (int i = 0; i < near.length; i++) {
            if (labels.contains(label(i))) {
                near[i] = others.apply(i);
            }
        }
    }

    /** Counts the images that look like another image with the same label, by label. */
    private Map<String, Integer> alikeByLabel() {
        Map<String, Integer> alike = new HashMap<>();
        for (int i = 0; i < near.length; i++) {
            String label = label(i);
            if (Arrays.stream(near[i]).anyMatch(other -> label(other).equals(label))) {
                alike.merge(label, 1, Integer::sum);
            }
        }
        return alike;
    }

    /** Returns the number of images that look like another image with the same label, grouped or not. */
    int alike(String label) {
        return alikeByLabel.getOrDefault(label, 0);
    }

    /** Returns the groups, of two images or more. */
    List<List<MeasuredImage>> groups() {
        int[] parents = new int[images.size()];
        for (int i = 0; i < parents.length; i++) {
            parents[i] = i;
        }
        for (int i = 0; i < parents.length; i++) {
            for (int other : near[i]) {
                if (isPair(i, other)) {
                    parents[root(parents, other)] = root(parents, i);
                }
            }
        }
        TreeMap<Integer, List<MeasuredImage>> groups = new TreeMap<>();
        for (int i = 0; i < parents.length; i++) {
            groups.computeIfAbsent(root(parents, i), _ -> new ArrayList<>()).add(images.get(i));
        }
        return groups.values().stream().filter(group -> group.size() > 1).toList();
    }

    private boolean isPair(int one, int other) {
        return near[one].length <= CROWD
                && near[other].length <= CROWD
                && Arrays.stream(near[other]).anyMatch(back -> back == one);
    }

    private static int root(int[] parents, int image) {
        int root = image;
        while (parents[root] != root) {
            parents[root] = parents[parents[root]];
            root = parents[root];
        }
        return root;
    }

    /** Returns the number of bits of a perceptual hash by which the images of a group differ from the first one. */
    static int distance(List<MeasuredImage> group) {
        int greatest = 0;
        long first = group.getFirst().properties().perceptualHash();
        for (MeasuredImage image : group) {
            greatest =
                    Math.max(greatest, Long.bitCount(first ^ image.properties().perceptualHash()));
        }
        return greatest;
    }
}
