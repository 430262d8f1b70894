package dev.loupe.dataset.upload.layout;

import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import java.util.Optional;

/** Images in no folders, or in folders without meaning because the request specifies the label. */
record FilesLayout(Annotation annotation) implements Layout {
    static Optional<Layout> inspect(Task task, Tree tree) {
        return tree.folders().isEmpty() ? Optional.of(new FilesLayout(Annotation.NONE)) : Optional.empty();
    }

    @Override
    public Kind kind() {
        return Kind.FILES;
    }

    @Override
    public String description() {
        return annotation.label() == null
                ? "files without folders: no labels"
                : "files of the one label '" + annotation.label() + "'";
    }

    @Override
    public Place place(ArchivePath file) {
        return new Place.OfImage(annotation, null, null);
    }
}
