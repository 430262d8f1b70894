package dev.loupe.dataset.upload;

import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.ImageAdditions;
import dev.loupe.dataset.image.ImageIntake;
import dev.loupe.dataset.image.ImageIntake.Outcome;
import dev.loupe.dataset.image.ImageIntake.Source;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.upload.ImportReport.Assignment;
import dev.loupe.dataset.upload.ImportReport.Conflict;
import dev.loupe.dataset.upload.ImportReport.Counts;
import dev.loupe.dataset.upload.format.DetectedFormat;
import dev.loupe.dataset.upload.format.Place;
import dev.loupe.imaging.ImageFormat;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.storage.Sha256;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The files of one upload into a project. Files are decoded and stored in batches as they arrive, each distinct content
 * once; then all of them become visible in one short transaction. Not thread-safe.
 */
final class ImportedFiles {
    private static final int MAX_FILES_AT_ONCE = 64;
    private static final long MAX_BYTES_AT_ONCE = 32L << 20;

    private final Project project;
    private final ImageIntake intake;
    private final UploadMemory memory;
    private final ImportDeadline deadline;
    private final Checkpoint checkpoint;
    private final FileFindings findings = new FileFindings();

    private final List<Waiting> waiting = new ArrayList<>();
    private final Map<String, byte[]> waitingContents = new LinkedHashMap<>();
    private long waitingBytes;
    /** Memory reserved for the waiting contents, in bytes. */
    private long reserved;
    /** Results by digest. */
    private final Map<String, Outcome> outcomes = new HashMap<>();

    private final List<Arrived> images = new ArrayList<>();
    private final Map<String, Arrived> masks = new HashMap<>();

    private record Waiting(String name, Place place, String sha256) {}

    private record Arrived(String name, Place place, Outcome.Stored stored) {}

    /** Remembers which contents are stored, for a repeated attempt at the same upload. */
    interface Checkpoint {
        /** No attempt is repeated. */
        Checkpoint NONE = new Checkpoint() {
            @Override
            public List<Outcome.Stored> load() {
                return List.of();
            }

            @Override
            public void save(List<Outcome.Stored> contents) {}
        };

        /** Returns the contents that earlier attempts have stored. */
        List<Outcome.Stored> load();

        /** Adds contents that are stored now. */
        void save(List<Outcome.Stored> contents);
    }

    /**
     * What was added to the project, and what was found in the files.
     *
     * @param findings refused and ignored files
     */
    record Added(ImportReport report, FileFindings findings, List<Conflict> conflicts) {}

    ImportedFiles(
            Project project, ImageIntake intake, UploadMemory memory, ImportDeadline deadline, Checkpoint checkpoint) {
        this.project = project;
        this.intake = intake;
        this.memory = memory;
        this.deadline = deadline;
        this.checkpoint = checkpoint;
        checkpoint.load().forEach(stored -> outcomes.put(stored.sha256(), stored));
    }

    FileFindings findings() {
        return findings;
    }

    /**
     * Adds a file. It is decoded and stored now or with a later batch.
     *
     * @param size size of its content in bytes
     * @param source reads its content after memory for it was reserved
     */
    void add(String name, Place place, long size, Supplier<byte[]> source) {
        reserveMemory(size);
        reserved += size;
        byte[] content = source.get();
        String sha256 = Sha256.of(content);
        waiting.add(new Waiting(name, place, sha256));
        if (!outcomes.containsKey(sha256) && waitingContents.putIfAbsent(sha256, content) == null) {
            waitingBytes += content.length;
        }
        if (waiting.size() >= MAX_FILES_AT_ONCE || waitingBytes >= MAX_BYTES_AT_ONCE) {
            storeWaiting();
        }
    }

    /** Reads a content that is not stored itself and passes it to the action, after memory for it was reserved. */
    void use(long size, Supplier<byte[]> source, Consumer<byte[]> action) {
        reserveMemory(size);
        try {
            action.accept(source.get());
        } finally {
            memory.giveBack(size);
        }
    }

    private void reserveMemory(long size) {
        if (!memory.tryTake(size)) {
            storeWaiting();
            memory.take(size);
        }
    }

    /** Releases the memory of contents that will not be stored. */
    void releaseMemory() {
        memory.giveBack(reserved);
        reserved = 0;
    }

    /** Decodes and stores the remaining files. */
    void storeRemaining() {
        storeWaiting();
        deadline.throwIfEnded();
    }

    private void storeWaiting() {
        deadline.throwIfEnded();
        if (!waitingContents.isEmpty()) {
            List<String> digests = List.copyOf(waitingContents.keySet());
            List<Source> contents = waitingContents.values().stream()
                    .map(content -> (Source) () -> content)
                    .toList();
            List<Outcome> results = DecoderMemoryRetry.retry(deadline, () -> intake.decodeAndStore(contents));
            List<Outcome.Stored> stored = new ArrayList<>();
            for (int i = 0; i < digests.size(); i++) {
                outcomes.put(digests.get(i), results.get(i));
                if (results.get(i) instanceof Outcome.Stored one) {
                    stored.add(one);
                }
            }
            checkpoint.save(stored);
        }
        for (Waiting file : waiting) {
            switch (outcomes.get(file.sha256())) {
                case Outcome.Refused refused -> findings.refuse(file.name(), refused.code(), refused.reason());
                case Outcome.Stored stored -> arrive(new Arrived(file.name(), file.place(), stored));
            }
        }
        waiting.clear();
        waitingContents.clear();
        waitingBytes = 0;
        releaseMemory();
    }

    private void arrive(Arrived file) {
        switch (file.place()) {
            case Place.OfImage _ -> images.add(file);
            case Place.OfMask mask -> {
                if (!file.stored().format().equals(ImageFormat.PNG.name())) {
                    findings.refuse(
                            file.name(),
                            ErrorCode.IMAGE_UNSUPPORTED,
                            "a mask: expected a PNG, got " + file.stored().format());
                } else if (masks.putIfAbsent(mask.imageKey(), file) != null) {
                    findings.refuse(file.name(), ErrorCode.ARCHIVE_ENTRY_REFUSED, "its image already has a mask");
                }
            }
        }
    }

    /** Makes the images visible in the caller's transaction. */
    Added addTo(ImageAdditions additions, DetectedFormat format, boolean relabel, String actor) {
        Set<String> used = new HashSet<>();
        List<Image> files = new ArrayList<>();
        for (Arrived file : images) {
            Place.OfImage place = (Place.OfImage) file.place();
            files.add(file.stored()
                    .image(
                            file.name(),
                            place.annotation().label(),
                            place.annotation().defect(),
                            place.split(),
                            mask(file, place, used),
                            place.product()));
        }
        masks.forEach((key, mask) -> {
            if (!used.contains(key)) {
                findings.refuse(
                        mask.name(), ErrorCode.ARCHIVE_ENTRY_REFUSED, "a mask without an image: expected test/" + key);
            }
        });
        return report(additions.add(project, files, relabel, actor), files.size(), format);
    }

    private Added report(ImageAdditions.Result result, int files, DetectedFormat format) {
        List<Conflict> conflicts = result.conflicts().stream()
                .map(conflict -> new Conflict(
                        conflict.name(),
                        conflict.stored().sha256(),
                        Assignment.of(conflict.given()),
                        Assignment.of(conflict.stored())))
                .toList();
        ImportReport report = new ImportReport(
                format.name(),
                String.join("/", format.root()),
                format.layout().description(),
                result.added(),
                files - result.added(),
                result.changed(),
                Counts.of(result.stored()),
                findings.refusals().size(),
                findings.refusedByCode(),
                conflicts.size(),
                findings.ignored().size(),
                ImportWarnings.of(
                        project.task(),
                        format,
                        result.stored().stream()
                                .map(image -> new Annotation(image.label(), image.defect()))
                                .toList(),
                        conflicts.size()));
        return new Added(report, findings, conflicts);
    }

    private String mask(Arrived image, Place.OfImage place, Set<String> used) {
        Arrived mask = place.maskKey() == null ? null : masks.get(place.maskKey());
        if (mask == null) {
            return null;
        }
        used.add(place.maskKey());
        Outcome.Stored of = image.stored();
        if (mask.stored().width() != of.width() || mask.stored().height() != of.height()) {
            findings.refuse(
                    mask.name(),
                    ErrorCode.IMAGE_DAMAGED,
                    "a mask of %d x %d pixels for an image of %d x %d"
                            .formatted(mask.stored().width(), mask.stored().height(), of.width(), of.height()));
            return null;
        }
        return mask.stored().sha256();
    }
}
