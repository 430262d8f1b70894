package dev.loupe.dataset.upload;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.dataset.upload.ImportReport.Layout;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the folders of an archive mean.
 *
 * @param kind how it is arranged
 * @param wrapped whether everything lies in one more folder that means nothing
 * @param task of the project
 */
record ArchiveLayout(Layout kind, boolean wrapped, Task task) {
    private static final Map<String, Split> SPLITS = Map.of(
            "train",
            Split.TRAIN,
            "training",
            Split.TRAIN,
            "val",
            Split.DEV,
            "valid",
            Split.DEV,
            "validation",
            Split.DEV,
            "dev",
            Split.DEV,
            "test",
            Split.TEST,
            "testing",
            Split.TEST);
    private static final String MASKS = "ground_truth";
    private static final String MASK_SUFFIX = "_mask";

    /** What a file is, by its place. */
    sealed interface Place {
        /** A picture; {@code maskKey} is the same for its mask, null where there are none. */
        record Picture(Annotation annotation, Split split, String maskKey) implements Place {}

        /** A defect mask of the picture with this key. */
        record Mask(String key) implements Place {}
    }

    /** Finds out from the names of all files. */
    static ArchiveLayout of(Task task, List<ArchivePath> files) {
        Layout plain = kind(task, files);
        if (plain == Layout.CLASS_FOLDERS && isWrapped(files)) {
            return new ArchiveLayout(
                    kind(task, files.stream().map(ArchivePath::withoutFirst).toList()), true, task);
        }
        return new ArchiveLayout(plain, false, task);
    }

    private static Layout kind(Task task, List<ArchivePath> files) {
        boolean folders = false;
        boolean splits = false;
        boolean masks = false;
        for (ArchivePath file : files) {
            if (file.segments().size() > 1) {
                folders = true;
                Split split = split(file);
                splits |= split == Split.TRAIN || split == Split.TEST;
                masks |= isMask(file);
            }
        }
        if (splits) {
            return masks || task == Task.ANOMALY_DETECTION ? Layout.MVTEC : Layout.TRAIN_TEST;
        }
        return folders ? Layout.CLASS_FOLDERS : Layout.FILES;
    }

    /** One folder above everything, and folders in it: {@code screws/train/good/1.png}, {@code pets/cat/1.jpg}. */
    private static boolean isWrapped(List<ArchivePath> files) {
        String first = files.getFirst().segments().getFirst();
        return !Annotation.isNormalFolder(first)
                && files.stream()
                        .allMatch(file -> file.segments().getFirst().equals(first)
                                && file.segments().size() > 2);
    }

    /** What this file is; {@code LABEL_INVALID} or {@code ARCHIVE_ENTRY_REFUSED} if its place means nothing. */
    Place place(ArchivePath path) {
        ArchivePath file = wrapped ? path.withoutFirst() : path;
        return switch (kind) {
            case FILES -> new Place.Picture(Annotation.NONE, null, null);
            case CLASS_FOLDERS ->
                new Place.Picture(
                        file.segments().size() > 1
                                ? Annotation.ofFolder(task, file.segments().getFirst())
                                : Annotation.NONE,
                        null,
                        null);
            case TRAIN_TEST, MVTEC -> placeInSplit(file);
        };
    }

    private Place placeInSplit(ArchivePath file) {
        boolean mask = isMask(file);
        Split split = split(file);
        if (file.segments().size() < 3 || !mask && split == null) {
            throw new ServiceException(
                    ErrorCode.ARCHIVE_ENTRY_REFUSED,
                    "beside 'train' and 'test': this archive has pictures in train/LABEL/ and test/LABEL/");
        }
        String folder = file.segments().get(1);
        if (mask) {
            if (task != Task.ANOMALY_DETECTION) {
                throw new ServiceException(
                        ErrorCode.ARCHIVE_ENTRY_REFUSED, "a mask has no use in a classification project");
            }
            String stem = file.stem();
            return new Place.Mask(key(
                    folder,
                    stem.endsWith(MASK_SUFFIX) ? stem.substring(0, stem.length() - MASK_SUFFIX.length()) : stem));
        }
        Annotation annotation = Annotation.ofFolder(task, folder);
        // A model of what is normal learns from normal pictures only: an abnormal one is for judging it.
        Split kept = split == Split.TRAIN && annotation.isAbnormalIn(task) ? null : split;
        return new Place.Picture(annotation, kept, split == Split.TEST ? key(folder, file.stem()) : null);
    }

    private static String key(String folder, String stem) {
        return folder + "/" + stem;
    }

    private static Split split(ArchivePath file) {
        return SPLITS.get(file.segments().getFirst().toLowerCase(Locale.ROOT));
    }

    private static boolean isMask(ArchivePath file) {
        return file.segments().getFirst().equalsIgnoreCase(MASKS);
    }
}
