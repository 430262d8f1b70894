package dev.loupe.dataset.upload.format;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.Optional;

/** {@code CLASS/train/…} and {@code CLASS/test/…}. */
final class ClassTrainTestFormat implements ImportFormat {
    @Override
    public String name() {
        return "CLASS_TRAIN_TEST";
    }

    @Override
    public Optional<Layout> detect(Task task, ArchiveFiles files) {
        ImageTree tree = files.images();
        int inSplits = tree.count(image -> split(image).isPresent());
        if (inSplits == 0
                || ImageTree.isMoreThanStray(
                        tree.images().size() - inSplits, tree.images().size())) {
            return Optional.empty();
        }
        boolean deeper = tree.images().stream().anyMatch(image -> split(image).isPresent() && image.depth() > 2);
        if (task == Task.ANOMALY_DETECTION && deeper) {
            throw new ServiceException(
                    ErrorCode.ARCHIVE_LAYOUT_UNSUPPORTED,
                    "the archive holds several items, each with its own train and test folders: "
                            + String.join(
                                    ", ",
                                    tree.folders().keySet().stream().limit(20).toList())
                            + "; expected the folders of splits outside: train/good/ITEM/ and test/good/ITEM/ with products=true for one"
                            + " project, or an import of each item into a project of its own");
        }
        return Optional.of(new ClassTrainTest(task));
    }

    private static Optional<Split> split(ArchivePath image) {
        return image.depth() < 2
                ? Optional.empty()
                : SplitFolder.of(image.segments().get(1));
    }

    private static ServiceException unplaced() {
        return new ServiceException(
                ErrorCode.ARCHIVE_ENTRY_REFUSED,
                "it is in no split: the other images of the archive are in LABEL/train/ and LABEL/test/");
    }

    private record ClassTrainTest(Task task) implements Layout {
        @Override
        public String description() {
            return "one folder per class, in it one folder per split";
        }

        @Override
        public Place place(ArchivePath file) {
            Split split = split(file).orElseThrow(ClassTrainTestFormat::unplaced);
            Annotation annotation = Annotation.ofFolder(task, file.first());
            return new Place.OfImage(annotation, TrainTestFormat.allowed(split, annotation, task), null);
        }

        @Override
        public Place placeOutsideRoot(ArchivePath file) {
            throw unplaced();
        }
    }
}
