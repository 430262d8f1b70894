package dev.loupe.dataset.upload.format;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The folders of splits at the top of an archive, and the depth at which folders of labels begin in each of them.
 *
 * @param depths number of folders around the folders of labels, including the split folder, by split folder
 */
record SplitFolders(Map<String, Integer> depths) {
    /** Detects the folders; empty if the outermost folders are not those of splits. */
    static Optional<SplitFolders> of(Task task, ImageTree tree, boolean products) {
        Set<String> splits = tree.folders().keySet().stream()
                .filter(folder -> SplitFolder.of(folder).isPresent())
                .collect(Collectors.toCollection(TreeSet::new));
        int labelled = tree.count(image -> image.depth() > 1 && splits.contains(image.first()));
        int direct = tree.count(image -> image.depth() == 1 && splits.contains(image.first()));
        int beside = tree.count(image ->
                image.depth() > 0 && !splits.contains(image.first()) && !MvtecFormat.isMaskFolder(image.first()));
        // In an anomaly detection project, 'train' cannot be a kind of defect; in a classification project it may be a
        // class.
        int inSplits = task == Task.ANOMALY_DETECTION ? labelled + direct : labelled > direct ? labelled : 0;
        return inSplits > beside ? Optional.of(new SplitFolders(depths(tree, splits, products))) : Optional.empty();
    }

    private static Map<String, Integer> depths(ImageTree tree, Set<String> splits, boolean products) {
        int labels = products ? 2 : 1;
        Map<String, Integer> depths = new HashMap<>();
        for (String split : splits) {
            depths.put(split, isRepeated(tree, split) ? 2 : 1);
        }
        Set<String> next = tree.images().stream()
                .filter(image -> splits.contains(image.first()))
                .map(image -> folderAt(image, depths.get(image.first())))
                .collect(Collectors.toSet());
        boolean wrapped = next.size() == 1
                && !next.contains("")
                && !Annotation.isNormalFolder(next.iterator().next())
                && tree.images().stream()
                        .filter(image -> splits.contains(image.first()))
                        .allMatch(image -> image.depth() > depths.get(image.first()) + labels);
        if (wrapped) {
            depths.replaceAll((_, depth) -> depth + 1);
        }
        return depths;
    }

    /** Whether the archive has {@code training_set/training_set/CLASS}: a folder that was packed inside itself. */
    private static boolean isRepeated(ImageTree tree, String split) {
        List<ArchivePath> inside = tree.images().stream()
                .filter(image -> image.first().equals(split))
                .toList();
        return inside.stream()
                .allMatch(image -> image.depth() > 2
                        && SplitFolder.of(image.segments().get(1)).equals(SplitFolder.of(split)));
    }

    private static String folderAt(ArchivePath image, int depth) {
        return image.depth() > depth ? image.segments().get(depth) : "";
    }

    /** Returns the split of a file; empty outside the folders of splits. */
    Optional<Split> split(ArchivePath file) {
        return depths.containsKey(file.first()) ? SplitFolder.of(file.first()) : Optional.empty();
    }

    /** Returns the file's path within its split; empty if no folder determines the label. */
    Optional<ArchivePath> inSplit(ArchivePath file) {
        int depth = depths.get(file.first());
        return file.depth() > depth ? Optional.of(file.without(depth)) : Optional.empty();
    }
}
