package dev.loupe.dataset.upload.format;

import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import java.util.Optional;

/** One folder per class, regardless of its subfolders; images beside the folders have no label. */
final class ClassFoldersFormat implements ImportFormat {
    @Override
    public String name() {
        return "CLASS_FOLDERS";
    }

    @Override
    public Optional<Layout> detect(Task task, ArchiveFiles files) {
        return files.images().folders().isEmpty()
                ? Optional.empty()
                : Optional.of(new ClassFolders(task, files.products()));
    }

    private record ClassFolders(Task task, boolean products) implements Layout {
        @Override
        public String description() {
            return task == Task.ANOMALY_DETECTION
                    ? "normal images in 'good', 'ok' or 'normal', every other folder a kind of defect"
                    : "one folder per class";
        }

        @Override
        public Place place(ArchivePath file) {
            Annotation annotation = file.depth() > 0 ? Annotation.ofFolder(task, file.first()) : Annotation.NONE;
            return new Place.OfImage(annotation, null, null, products ? ProductFolder.of(file) : null);
        }

        @Override
        public Place placeOutsideRoot(ArchivePath file) {
            return new Place.OfImage(Annotation.NONE, null, null);
        }
    }
}
