package dev.loupe.dataset.upload;

import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.ImageAdditions;
import dev.loupe.dataset.image.ImageIntake;
import dev.loupe.dataset.image.ImageIntake.Outcome;
import dev.loupe.dataset.image.ImageIntake.Source;
import dev.loupe.dataset.image.Images;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.upload.ImportReport.Conflict;
import dev.loupe.dataset.upload.ImportReport.Rejected;
import dev.loupe.dataset.upload.ImportReport.Said;
import dev.loupe.dataset.upload.ImportReport.Warning;
import dev.loupe.dataset.upload.layout.ArchivePath;
import dev.loupe.dataset.upload.layout.Layout;
import dev.loupe.dataset.upload.layout.Place;
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
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * An import of many files into a project. Files are decoded and stored in batches as they arrive, each distinct content
 * once; then all of them become visible in one short transaction. Not thread-safe.
 */
final class Import {
    private static final int MAX_FILES_AT_ONCE = 64;
    private static final long MAX_BYTES_AT_ONCE = 32L << 20;

    private final Project project;
    private final ImageIntake intake;
    private final UploadMemory memory;
    private final Work work;

    private final List<Waiting> waiting = new ArrayList<>();
    private final Map<String, byte[]> waitingContents = new LinkedHashMap<>();
    private long waitingBytes;
    /** Memory reserved for the waiting contents, in bytes. */
    private long taken;
    /** Results by digest. */
    private final Map<String, Outcome> outcomes = new HashMap<>();

    private final List<Arrived> images = new ArrayList<>();
    private final Map<String, Arrived> masks = new HashMap<>();
    private final List<Rejected> rejected = new ArrayList<>();
    private final Map<String, Integer> rejectedCounts = new TreeMap<>();
    private final List<String> ignored = new ArrayList<>();
    private int ignoredCount;

    private record Waiting(String name, Place place, String sha256) {}

    private record Arrived(String name, Place place, Outcome.Stored stored) {}

    /**
     * How the files of the import are arranged.
     *
     * @param kind kind of the layout
     * @param root enclosing folders
     * @param description of the layout
     * @param labelled whether the request specified the label
     */
    record Understood(Layout.Kind kind, String root, String description, boolean labelled) {}

    Import(Project project, ImageIntake intake, UploadMemory memory, Work work) {
        this.project = project;
        this.intake = intake;
        this.memory = memory;
        this.work = work;
    }

    /**
     * Adds a file. It is decoded and stored now or with a later batch.
     *
     * @param size size of its content in bytes
     * @param source reads its content after memory for it was reserved
     */
    void add(String name, Place place, long size, Supplier<byte[]> source) {
        takeMemory(size);
        taken += size;
        byte[] content = source.get();
        String sha256 = Sha256.of(content);
        waiting.add(new Waiting(name, place, sha256));
        if (!outcomes.containsKey(sha256) && waitingContents.putIfAbsent(sha256, content) == null) {
            waitingBytes += content.length;
        }
        if (waitingContents.size() >= MAX_FILES_AT_ONCE || waitingBytes >= MAX_BYTES_AT_ONCE) {
            takeWaiting();
        }
    }

    /** Reads a content that is not stored itself and passes it to the action, after memory for it was reserved. */
    void use(long size, Supplier<byte[]> source, Consumer<byte[]> action) {
        takeMemory(size);
        try {
            action.accept(source.get());
        } finally {
            memory.giveBack(size);
        }
    }

    private void takeMemory(long size) {
        if (!memory.tryTake(size)) {
            takeWaiting();
            memory.take(size);
        }
    }

    /** Releases the memory of contents that will not be stored. */
    void giveMemoryBack() {
        memory.giveBack(taken);
        taken = 0;
    }

    void reject(String name, ErrorCode code, String reason) {
        rejectedCounts.merge(code.name(), 1, Integer::sum);
        if (rejected.size() < ImportReport.MAX_LISTED) {
            rejected.add(new Rejected(ArchivePath.show(name), code.name(), reason));
        }
    }

    /** Counts a file that is not an image. */
    void ignore(String name) {
        ignoredCount++;
        if (ignored.size() < ImportReport.MAX_LISTED) {
            ignored.add(ArchivePath.show(name));
        }
    }

    /** Decodes and stores the remaining files. */
    void takeRest() {
        takeWaiting();
        work.throwIfEnded();
    }

    private void takeWaiting() {
        work.throwIfEnded();
        if (!waitingContents.isEmpty()) {
            List<String> digests = List.copyOf(waitingContents.keySet());
            List<Source> contents = waitingContents.values().stream()
                    .map(content -> (Source) () -> content)
                    .toList();
            List<Outcome> results = Overload.retry(work, () -> intake.take(contents));
            for (int i = 0; i < digests.size(); i++) {
                outcomes.put(digests.get(i), results.get(i));
            }
        }
        for (Waiting file : waiting) {
            switch (outcomes.get(file.sha256())) {
                case Outcome.Refused refused -> reject(file.name(), refused.code(), refused.reason());
                case Outcome.Stored stored -> arrive(new Arrived(file.name(), file.place(), stored));
            }
        }
        waiting.clear();
        waitingContents.clear();
        waitingBytes = 0;
        giveMemoryBack();
    }

    private void arrive(Arrived file) {
        switch (file.place()) {
            case Place.OfImage _ -> images.add(file);
            case Place.OfMask mask -> {
                if (!file.stored().format().equals(ImageFormat.PNG.name())) {
                    reject(
                            file.name(),
                            ErrorCode.IMAGE_UNSUPPORTED,
                            "a mask is a PNG, this is " + file.stored().format());
                } else if (masks.putIfAbsent(mask.imageKey(), file) != null) {
                    reject(file.name(), ErrorCode.ARCHIVE_ENTRY_REFUSED, "its image has a mask already");
                }
            }
        }
    }

    /** Makes the images visible in the caller's transaction. */
    ImportReport finish(ImageAdditions additions, Understood understood, boolean relabel) {
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
                            mask(file, place, used)));
        }
        masks.forEach((key, mask) -> {
            if (!used.contains(key)) {
                reject(mask.name(), ErrorCode.ARCHIVE_ENTRY_REFUSED, "a mask of no image: there is no test/" + key);
            }
        });
        return report(additions.add(project, files, relabel), files.size(), understood);
    }

    private ImportReport report(ImageAdditions.Result result, int files, Understood understood) {
        Map<String, Integer> labels = new TreeMap<>();
        Map<String, Integer> splits = new TreeMap<>();
        Map<String, Map<String, Integer>> counts = new TreeMap<>();
        for (Image image : result.stored()) {
            if (image.label() != null) {
                labels.merge(image.label(), 1, Integer::sum);
            }
            String split =
                    image.split() == null ? Images.UNASSIGNED : image.split().name();
            splits.merge(split, 1, Integer::sum);
            counts.computeIfAbsent(split, _ -> new TreeMap<>())
                    .merge(image.label() == null ? Images.UNLABELLED : image.label(), 1, Integer::sum);
        }
        List<Conflict> conflicts = result.conflicts().stream()
                .limit(ImportReport.MAX_LISTED)
                .map(conflict -> new Conflict(
                        ArchivePath.show(conflict.name()),
                        conflict.stored().sha256(),
                        said(conflict.given()),
                        said(conflict.stored())))
                .toList();
        List<Warning> warnings = ImportWarnings.of(
                project.task(),
                understood.kind(),
                understood.labelled(),
                result.stored(),
                result.conflicts().size());
        return new ImportReport(
                result.added(),
                files - result.added(),
                result.changed(),
                labels,
                splits,
                counts,
                understood.kind(),
                understood.root(),
                understood.description(),
                rejected,
                rejectedCounts,
                conflicts,
                result.conflicts().size(),
                ignored,
                ignoredCount,
                warnings);
    }

    private static Said said(Image image) {
        return new Said(image.label(), image.defect(), image.split());
    }

    private String mask(Arrived image, Place.OfImage place, Set<String> used) {
        Arrived mask = place.maskKey() == null ? null : masks.get(place.maskKey());
        if (mask == null) {
            return null;
        }
        used.add(place.maskKey());
        Outcome.Stored of = image.stored();
        if (mask.stored().width() != of.width() || mask.stored().height() != of.height()) {
            reject(
                    mask.name(),
                    ErrorCode.IMAGE_DAMAGED,
                    "a mask of %d x %d pixels for an image of %d x %d"
                            .formatted(mask.stored().width(), mask.stored().height(), of.width(), of.height()));
            return null;
        }
        return mask.stored().sha256();
    }
}
