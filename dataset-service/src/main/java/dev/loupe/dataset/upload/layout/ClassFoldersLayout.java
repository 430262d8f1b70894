package dev.loupe.dataset.upload.layout;

import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import java.util.Optional;

/** One folder per class, regardless of its subfolders; images beside the folders have no label. */
record ClassFoldersLayout(Task task) implements Layout {
    static Optional<Layout> inspect(Task task, Tree tree) {
        return tree.folders().isEmpty() ? Optional.empty() : Optional.of(new ClassFoldersLayout(task));
    }

    @Override
    public Kind kind() {
        return Kind.CLASS_FOLDERS;
    }

    @Override
    public String description() {
        return task == Task.ANOMALY_DETECTION
                ? "normal images in 'good', 'ok' or 'normal', every other folder a kind of defect"
                : "one folder per class";
    }

    @Override
    public Place place(ArchivePath file) {
        Annotation annotation = file.depth() > 0 ? Annotation.ofFolder(task, file.first()) : Annotation.NONE;
        return new Place.OfImage(annotation, null, null);
    }
}
