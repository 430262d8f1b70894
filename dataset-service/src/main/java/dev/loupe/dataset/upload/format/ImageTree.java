package dev.loupe.dataset.upload.format;

import dev.loupe.dataset.label.Annotation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The images of an archive below the folders that enclose all of them.
 *
 * @param root enclosing folders, which have no meaning
 * @param images paths of the images below the root
 * @param outside number of images outside the root
 */
public record ImageTree(List<String> root, List<ArchivePath> images, int outside) {
    /** Largest share of stray images, which lie beside the folders that determine the labels of the others. */
    private static final double STRAY = 0.1;

    public ImageTree {
        root = List.copyOf(root);
        images = List.copyOf(images);
    }

    /**
     * Descends into the folder that encloses all images except strays, repeatedly, while there is one.
     *
     * @param products whether folders within those of labels are products: a single kind of defect encloses nothing then
     */
    public static ImageTree of(List<ArchivePath> images, boolean products) {
        ImageTree tree = new ImageTree(List.of(), images, 0);
        for (ImageTree inner = tree.inner(products); inner != tree; inner = tree.inner(products)) {
            tree = inner;
        }
        return tree;
    }

    private ImageTree inner(boolean products) {
        Map<String, Integer> folders = folders();
        if (folders.size() != 1 || isMoreThanStray(loose(), images.size())) {
            return this;
        }
        String only = folders.keySet().iterator().next();
        if (Annotation.isNormalFolder(only) || SplitFolder.of(only).isPresent() || MvtecFormat.isMaskFolder(only)) {
            return this;
        }
        List<ArchivePath> below = images.stream()
                .filter(image -> image.depth() > 0)
                .map(image -> image.without(1))
                .toList();
        if (products && below.stream().noneMatch(image -> image.depth() > 1)) {
            return this;
        }
        ImageTree inner = new ImageTree(append(root, only), below, outside + loose());
        // If images lie directly in the folder, it is a class.
        return inner.folders().isEmpty() || isMoreThanStray(inner.loose(), below.size()) ? this : inner;
    }

    private static List<String> append(List<String> folders, String folder) {
        List<String> all = new ArrayList<>(folders);
        all.add(folder);
        return all;
    }

    static boolean isMoreThanStray(long some, long all) {
        return some > STRAY * all;
    }

    /** Returns the outermost folders, each with its number of images. */
    Map<String, Integer> folders() {
        Map<String, Integer> folders = new TreeMap<>();
        images.stream()
                .filter(image -> image.depth() > 0)
                .forEach(image -> folders.merge(image.first(), 1, Integer::sum));
        return folders;
    }

    /** Number of images that are in no folder. */
    int loose() {
        return count(image -> image.depth() == 0);
    }

    int count(Predicate<ArchivePath> condition) {
        return (int) images.stream().filter(condition).count();
    }
}
