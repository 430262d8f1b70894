package dev.loupe.dataset.upload.format;

import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import java.util.List;
import java.util.Optional;

/** Images in no folders, or in folders without meaning because the request specifies the label. */
public final class FilesFormat implements ImportFormat {
    private static final String NAME = "FILES";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<Layout> detect(Task task, ArchiveFiles files) {
        return files.images().folders().isEmpty() ? Optional.of(new FilesLayout(Annotation.NONE)) : Optional.empty();
    }

    /** The format of images that all have this label. */
    public static DetectedFormat withLabel(Annotation label) {
        return new DetectedFormat(NAME, List.of(), new FilesLayout(label));
    }

    private record FilesLayout(Annotation annotation) implements Layout {
        @Override
        public String description() {
            return annotation.label() == null
                    ? "files without folders: no labels"
                    : "all files have the label '" + annotation.label() + "'";
        }

        @Override
        public Place place(ArchivePath file) {
            return new Place.OfImage(annotation, null, null);
        }

        @Override
        public Place placeOutsideRoot(ArchivePath file) {
            return place(file);
        }

        @Override
        public boolean hasLabels() {
            return false;
        }
    }
}
