package dev.loupe.dataset.upload.layout;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.Optional;

/** {@code train/CLASS/…} and {@code test/CLASS/…} of a classification project. */
record TrainTestLayout(SplitFolders folders) implements Layout {
    static Optional<Layout> inspect(Task task, Tree tree) {
        return task == Task.CLASSIFICATION ? SplitFolders.of(task, tree).map(TrainTestLayout::new) : Optional.empty();
    }

    /** A detector learns from normal images only, so an abnormal image may be used for evaluation only. */
    static Split allowed(Split split, Annotation annotation, Task task) {
        return split == Split.TRAIN && annotation.isAbnormalIn(task) ? null : split;
    }

    @Override
    public Kind kind() {
        return Kind.TRAIN_TEST;
    }

    @Override
    public String description() {
        return "one folder per split, in it one folder per class";
    }

    @Override
    public Place place(ArchivePath file) {
        if (MvtecLayout.isMaskFolder(file.first())) {
            throw new ServiceException(
                    ErrorCode.ARCHIVE_ENTRY_REFUSED, "a mask: a classification project has no use for it");
        }
        Split split = folders.split(file).orElseThrow(TrainTestLayout::unplaced);
        ArchivePath inSplit = folders.inSplit(file).orElseThrow(TrainTestLayout::unplaced);
        return new Place.OfImage(Annotation.ofFolder(Task.CLASSIFICATION, inSplit.first()), split, null);
    }

    static ServiceException unplaced() {
        return new ServiceException(
                ErrorCode.ARCHIVE_ENTRY_REFUSED,
                "no folder says its split and its label: the other images of the archive are in train/LABEL/ and test/LABEL/");
    }
}
