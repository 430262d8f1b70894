package dev.loupe.dataset.finding;

import dev.loupe.dataset.image.MeasuredImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/**
 * Groups of images that look alike. Two images do if few bits of their perceptual hashes differ, and few of their
 * difference hashes. Pairs that share an image are one group.
 *
 * <p>An image that looks like more than {@value #CROWD} others is in no group: hashes do not distinguish the images of a
 * fixed camera, or the frames of a film. So a search takes time in proportion to the candidates of {@link HashIndex}.
 */
final class NearDuplicates {
    /** Most images that an image of a group looks like. */
    static final int CROWD = 10;
    /** How many more bits of the difference hash may differ: it changes more with compression. */
    static final int DIFFERENCE_SLACK = 2;
    /** Sharpness up to which an image is one colour, and its hashes are noise. */
    static final double ONE_COLOUR = 1;

    private final List<MeasuredImage> images;
    private final List<int[]> near = new ArrayList<>();

    private NearDuplicates(List<MeasuredImage> images) {
        this.images = images;
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
                .filter(image -> image.properties() != null && image.properties().sharpness() > ONE_COLOUR)
                .toList();
        NearDuplicates found = new NearDuplicates(images);
        HashIndex index = new HashIndex(images.stream()
                .mapToLong(image -> image.properties().perceptualHash())
                .toArray());
        int[] others = new int[CROWD + 1];
        for (int i = 0; i < images.size(); i++) {
            MeasuredImage image = images.get(i);
            int[] count = new int[1];
            index.forEachNear(i, distance, other -> {
                if (differing(image, images.get(other)) <= distance + DIFFERENCE_SLACK
                        && comparable.test(image, images.get(other))) {
                    others[count[0]++] = other;
                }
                return count[0] < others.length;
            });
            found.near.add(Arrays.copyOf(others, count[0]));
        }
        return found;
    }

    private static int differing(MeasuredImage one, MeasuredImage other) {
        return Long.bitCount(
                one.properties().differenceHash() ^ other.properties().differenceHash());
    }

    /** Returns the groups, of two images or more. */
    List<List<MeasuredImage>> groups() {
        int[] parents = new int[images.size()];
        for (int i = 0; i < parents.length; i++) {
            parents[i] = i;
        }
        for (int i = 0; i < parents.length; i++) {
            for (int other : isCrowded(i) ? new int[0] : near.get(i)) {
                if (!isCrowded(other)) {
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

    private boolean isCrowded(int image) {
        return near.get(image).length > CROWD;
    }

    private static int root(int[] parents, int image) {
        int root = image;
        while (parents[root] != root) {
            parents[root] = parents[parents[root]];
            root = parents[root];
        }
        return root;
    }

    /** Returns the images that look like another image with the same label, whether they are in a group or not. */
    Collection<MeasuredImage> alikeInLabel() {
        List<MeasuredImage> alike = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            String label = images.get(i).image().label();
            for (int other : near.get(i)) {
                if (label != null && label.equals(images.get(other).image().label())) {
                    alike.add(images.get(i));
                    break;
                }
            }
        }
        return alike;
    }

    /** Returns the greatest number of differing bits of a perceptual hash in a group. */
    static int distance(List<MeasuredImage> group) {
        int greatest = 0;
        long first = group.getFirst().properties().perceptualHash();
        for (MeasuredImage image : group) {
            greatest = Math.max(greatest, Long.bitCount(first ^ image.properties().perceptualHash()));
        }
        return greatest;
    }
}
