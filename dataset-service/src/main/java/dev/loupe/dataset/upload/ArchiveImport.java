package dev.loupe.dataset.upload;

import dev.loupe.dataset.image.ImageIntake.Outcome;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.upload.Import.Understood;
import dev.loupe.dataset.upload.layout.ArchivePath;
import dev.loupe.dataset.upload.layout.Arrangement;
import dev.loupe.dataset.upload.layout.Layout;
import dev.loupe.dataset.upload.layout.Place;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;

/** Imports one archive: detects how its images are arranged, then adds each of them to an import. Not thread-safe. */
final class ArchiveImport {
    private static final int MAGIC = 16;

    private final Archive archive;
    private final Project project;
    private final Import files;
    private final long maxImageSize;
    private final Work work;
    /** Spellings of labels, by a normalized form that is the same for labels that people would not distinguish. */
    private final Map<String, String> labels = new HashMap<>();

    /** An image of the archive, with a unique name. */
    private record Entry(ZipArchiveEntry entry, ArchivePath path, String name) {}

    private ArchiveImport(Archive archive, Project project, Import files, long maxImageSize, Work work) {
        this.archive = archive;
        this.project = project;
        this.files = files;
        this.maxImageSize = maxImageSize;
        this.work = work;
    }

    /** Adds all images of an archive to an import; returns how they are arranged. */
    static Understood run(
            Path file,
            Archive.Limits limits,
            Project project,
            Annotation label,
            Import files,
            long maxImageSize,
            Work work) {
        try (Archive archive = new Archive(file, limits)) {
            return new ArchiveImport(archive, project, files, maxImageSize, work).run(label);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Understood run(Annotation label) {
        List<Entry> images = images();
        boolean labelled = label.label() != null;
        if (images.isEmpty()) {
            return new Understood(Layout.Kind.FILES, "", "no images", labelled);
        }
        Arrangement arrangement = Arrangement.of(
                project.task(), label, images.stream().map(Entry::path).toList());
        Map<String, List<Entry>> masks = new LinkedHashMap<>();
        for (Entry image : images) {
            accept(image, () -> {
                Place place = arrangement.place(image.path());
                switch (place) {
                    case Place.OfImage of -> {
                        requireOneSpelling(of.annotation());
                        add(image, place);
                    }
                    case Place.OfMask of ->
                        masks.computeIfAbsent(of.imageKey(), _ -> new ArrayList<>())
                                .add(image);
                }
            });
        }
        masks.forEach(this::addMask);
        return new Understood(
                arrangement.layout().kind(),
                String.join("/", arrangement.root()),
                arrangement.layout().description(),
                labelled);
    }

    /**
     * Runs the action for one file. A bad file is rejected alone; an archive too large or an ended import aborts
     * everything.
     */
    private void accept(Entry image, Runnable action) {
        work.throwIfEnded();
        try {
            action.run();
        } catch (ServiceException e) {
            switch (e.code()) {
                case LABEL_INVALID, ARCHIVE_ENTRY_REFUSED, IMAGE_TOO_LARGE, IMAGE_DAMAGED, IMAGE_UNSUPPORTED ->
                    files.reject(image.name(), e.code(), e.getMessage());
                default -> throw e;
            }
        }
    }

    private void addMask(String imageKey, List<Entry> entries) {
        Place place = new Place.OfMask(imageKey);
        if (entries.size() == 1) {
            accept(entries.getFirst(), () -> add(entries.getFirst(), place));
            return;
        }
        MaskUnion union = new MaskUnion();
        for (Entry entry : entries) {
            accept(
                    entry,
                    () -> files.use(
                            sizeOf(entry),
                            () -> contentOf(entry),
                            png -> Overload.retry(work, () -> {
                                union.add(entry.path(), png);
                                return List.<Outcome>of();
                            })));
        }
        if (!union.isEmpty()) {
            byte[] png = union.png();
            files.add(entries.getFirst().name(), place, png.length, () -> png);
        }
    }

    private void add(Entry entry, Place place) {
        files.add(entry.name(), place, sizeOf(entry), () -> contentOf(entry));
    }

    private int sizeOf(Entry entry) {
        return archive.size(entry.entry(), maxImageSize);
    }

    private byte[] contentOf(Entry entry) {
        return archive.read(entry.entry(), maxImageSize);
    }

    /** Rejects labels that differ only in case or in the form of characters: the user must choose one of them. */
    private void requireOneSpelling(Annotation annotation) {
        String label = annotation.defect() == null ? annotation.label() : annotation.defect();
        if (label != null) {
            String folded = Normalizer.normalize(label, Normalizer.Form.NFKC)
                    .toUpperCase(Locale.ROOT)
                    .toLowerCase(Locale.ROOT);
            String known = labels.putIfAbsent(folded, label);
            if (known != null && !known.equals(label)) {
                throw new ServiceException(
                        ErrorCode.LABEL_INVALID,
                        "label '" + label + "': the archive has '" + known + "' too, which differs only in spelling");
            }
        }
    }

    private List<Entry> images() {
        Map<String, Integer> names = new HashMap<>();
        List<Entry> images = new ArrayList<>();
        for (ZipArchiveEntry entry : archive.files()) {
            String raw = EntryName.of(entry);
            if (ArchivePath.isClutter(raw)) {
                files.ignore(raw);
                continue;
            }
            try {
                ArchivePath path = ArchivePath.of(raw);
                if (path.isArchive()) {
                    throw new ServiceException(ErrorCode.ARCHIVE_ENTRY_REFUSED, "an archive within the archive");
                }
                if (path.isImage() || FileKind.isImage(archive.start(entry, MAGIC))) {
                    images.add(new Entry(entry, path, distinct(path, names)));
                } else {
                    files.ignore(raw);
                }
            } catch (ServiceException e) {
                files.reject(raw, e.code(), e.getMessage());
            }
        }
        return images;
    }

    /** Returns a name that distinguishes this file from other files of the same name. */
    private static String distinct(ArchivePath path, Map<String, Integer> names) {
        String name = path.toString();
        Integer used = names.putIfAbsent(name, 1);
        if (used == null) {
            return name;
        }
        int dot = name.lastIndexOf('.') > name.lastIndexOf('/') ? name.lastIndexOf('.') : name.length();
        int number = used;
        String other;
        do {
            number++;
            other = name.substring(0, dot) + " (" + number + ")" + name.substring(dot);
        } while (names.putIfAbsent(other, 1) != null);
        names.put(name, number);
        return other;
    }
}
