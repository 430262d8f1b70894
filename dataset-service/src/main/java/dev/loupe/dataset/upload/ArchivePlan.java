package dev.loupe.dataset.upload;

import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.dataset.upload.format.ArchiveFiles;
import dev.loupe.dataset.upload.format.ArchivePath;
import dev.loupe.dataset.upload.format.DetectedFormat;
import dev.loupe.dataset.upload.format.ImageTree;
import dev.loupe.dataset.upload.format.ImportFormats;
import dev.loupe.dataset.upload.format.Place;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;

/**
 * The meaning of the files of an archive, as far as their names and the files that are not images tell. No image is
 * decoded.
 *
 * @param format detected format
 * @param images images with their meaning
 * @param masks masks by the key of their image, one or more for each
 */
record ArchivePlan(DetectedFormat format, List<PlannedImage> images, Map<String, List<Entry>> masks) {
    private static final int MAGIC = 16;
    /** Most bytes of a file with labels. */
    private static final long MAX_OTHER = 64L << 20;

    /**
     * A file of the archive.
     *
     * @param name name that distinguishes it from all other files
     * @param size unpacked size in bytes
     */
    record Entry(ZipArchiveEntry entry, ArchivePath path, String name, int size) {}

    record PlannedImage(Entry entry, Place.OfImage place) {}

    /**
     * Plans the import of an archive.
     *
     * @param largestImage most bytes of an image
     * @param findings receives the refused and ignored files
     * @throws ServiceException {@code ARCHIVE_TOO_LARGE}, {@code ARCHIVE_LAYOUT_UNSUPPORTED} or {@code LABEL_INVALID}
     *     for the whole archive
     */
    static ArchivePlan of(Archive archive, Task task, ImportOptions options, long largestImage, FileFindings findings) {
        return new Planning(archive, largestImage, findings).plan(task, options);
    }

    /** Number of images and masks. */
    int files() {
        return images.size() + masks.values().stream().mapToInt(List::size).sum();
    }

    /** Their unpacked bytes. */
    long bytes() {
        long bytes = 0;
        for (PlannedImage image : images) {
            bytes += image.entry().size();
        }
        for (List<Entry> one : masks.values()) {
            bytes += one.stream().mapToLong(Entry::size).sum();
        }
        return bytes;
    }

    private static final class Planning {
        private final Archive archive;
        private final long largestImage;
        private final FileFindings findings;
        private final List<Entry> images = new ArrayList<>();
        private final Map<ArchivePath, ZipArchiveEntry> others = new LinkedHashMap<>();
        private final Map<String, Integer> names = new HashMap<>();
        /** Spellings of labels, by a normalized form that is the same for labels that people would not distinguish. */
        private final Map<String, String> labels = new HashMap<>();

        Planning(Archive archive, long largestImage, FileFindings findings) {
            this.archive = archive;
            this.largestImage = largestImage;
            this.findings = findings;
        }

        ArchivePlan plan(Task task, ImportOptions options) {
            for (ZipArchiveEntry entry : archive.files()) {
                String raw = EntryName.of(entry);
                if (ArchivePath.isClutter(raw)) {
                    findings.ignore(raw);
                } else {
                    refusingOne(raw, () -> sort(entry, raw));
                }
            }
            DetectedFormat format = ImportFormats.detect(
                    task,
                    options.annotation(task),
                    new ArchiveFiles(
                            ImageTree.of(images.stream().map(Entry::path).toList(), options.products()),
                            List.copyOf(others.keySet()),
                            options.products(),
                            file -> archive.read(others.get(file), MAX_OTHER)));
            List<PlannedImage> planned = new ArrayList<>();
            Map<String, List<Entry>> masks = new LinkedHashMap<>();
            for (Entry image : images) {
                refusingOne(image.name(), () -> {
                    switch (format.place(image.path())) {
                        case Place.OfImage place -> {
                            requireOneSpelling(place.annotation());
                            planned.add(new PlannedImage(sized(image), place));
                        }
                        case Place.OfMask place ->
                            masks.computeIfAbsent(place.imageKey(), _ -> new ArrayList<>())
                                    .add(sized(image));
                    }
                });
            }
            ArchivePlan plan = new ArchivePlan(format, planned, masks);
            archive.requireTotal(plan.bytes());
            return plan;
        }

        /** Refuses one file if the action fails; an archive that is too large fails as a whole. */
        private void refusingOne(String name, Runnable action) {
            try {
                action.run();
            } catch (ServiceException e) {
                if (e.code() == ErrorCode.ARCHIVE_TOO_LARGE) {
                    throw e;
                }
                findings.refuse(name, e.code(), e.getMessage());
            }
        }

        private void sort(ZipArchiveEntry entry, String raw) {
            ArchivePath path = ArchivePath.of(raw);
            if (path.isArchive()) {
                throw new ServiceException(ErrorCode.ARCHIVE_ENTRY_REFUSED, "an archive within the archive");
            }
            if (path.isImage() || FileKind.isImage(archive.start(entry, MAGIC))) {
                images.add(new Entry(entry, path, distinct(path), 0));
            } else {
                others.put(path, entry);
                findings.ignore(raw);
            }
        }

        private Entry sized(Entry image) {
            int size = archive.size(image.entry(), largestImage);
            return new Entry(image.entry(), image.path(), image.name(), size);
        }

        /** Rejects labels that differ only in case or in the form of characters: the user must choose one of them. */
        private void requireOneSpelling(Annotation annotation) {
            String label = annotation.defect() == null ? annotation.label() : annotation.defect();
            if (label == null) {
                return;
            }
            String folded = Normalizer.normalize(label, Normalizer.Form.NFKC)
                    .toUpperCase(Locale.ROOT)
                    .toLowerCase(Locale.ROOT);
            String known = labels.putIfAbsent(folded, label);
            if (known != null && !known.equals(label)) {
                throw new ServiceException(
                        ErrorCode.LABEL_INVALID,
                        "label '%s': the archive also has '%s', which differs only in spelling"
                                .formatted(label, known));
            }
        }

        /** Returns a name that distinguishes this file from other files of the same name. */
        private String distinct(ArchivePath path) {
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
}
