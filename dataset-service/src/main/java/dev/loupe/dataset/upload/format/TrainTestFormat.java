package dev.loupe.dataset.upload.format;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.Optional;

/** {@code train/CLASS/…} and {@code test/CLASS/…} of a classification project. */
final class TrainTestFormat implements ImportFormat {
    @Override
    public String name() {
        return "TRAIN_TEST";
    }

    @Override
    public Optional<Layout> detect(Task task, ArchiveFiles files) {
        return task == Task.CLASSIFICATION
                ? SplitFolders.of(task, files.images(), files.products()).map(TrainTest::new)
                : Optional.empty();
    }

    /** A detector learns from normal images only, so an abnormal image may be used for evaluation only. */
    static Split allowed(Split split, Annotation annotation, Task task) {
        return split == Split.TRAIN && annotation.isAbnormalIn(task) ? null : split;
    }

    private record TrainTest(SplitFolders folders) implements Layout {
        @Override
        public String description() {
            return "one folder per split, in it one folder per class";
        }

        @Override
        public Place place(ArchivePath file) {
            if (MvtecFormat.isMaskFolder(file.first())) {
                throw new ServiceException(
                        ErrorCode.ARCHIVE_ENTRY_REFUSED, "a mask: a classification project has no use for it");
            }
            Split split = folders.split(file).orElseThrow(TrainTestFormat::unplaced);
            ArchivePath inSplit = folders.inSplit(file).orElseThrow(TrainTestFormat::unplaced);
            return new Place.OfImage(Annotation.ofFolder(Task.CLASSIFICATION, inSplit.first()), split, null);
        }

        @Override
        public Place placeOutsideRoot(ArchivePath file) {
            throw unplaced();
        }
    }

    static ServiceException unplaced() {
        return new ServiceException(
                ErrorCode.ARCHIVE_ENTRY_REFUSED,
                "no folder says its split and its label: the other images of the archive are in train/LABEL/ and test/LABEL/");
    }
}
