package dev.loupe.dataset.upload;

import dev.loupe.contracts.Split;
import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.ImageIntake;
import dev.loupe.dataset.image.ImageIntake.Outcome;
import dev.loupe.dataset.image.ImageIntake.Source;
import dev.loupe.dataset.image.Images;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.upload.ArchiveLayout.Place;
import dev.loupe.dataset.upload.ImportReport.Layout;
import dev.loupe.dataset.upload.ImportReport.Rejected;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.vision.image.ImageFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Many files on their way into a project. Files are decoded and stored some at a time as they come; all of them become
 * visible at once, at the end. For one thread.
 */
final class Import {
    private static final int MOST_FILES_AT_ONCE = 64;
    private static final long MOST_BYTES_AT_ONCE = 32L << 20;

    private final Project project;
    private final ImageIntake intake;
    private final Images images;

    private final List<Waiting> waiting = new ArrayList<>();
    private long waitingBytes;
    private Layout layout;
    private final List<Arrived> pictures = new ArrayList<>();
    private final Map<String, Arrived> masks = new HashMap<>();
    private final List<Rejected> rejected = new ArrayList<>();

    private record Waiting(String name, Place place, Source source) {}

    private record Arrived(String name, Place place, Outcome.Stored stored) {}

    Import(Project project, ImageIntake intake, Images images) {
        this.project = project;
        this.intake = intake;
        this.images = images;
    }

    /** Takes a file, now or soon. */
    void add(String name, Place place, Source source, long size) {
        waiting.add(new Waiting(name, place, source));
        waitingBytes += size;
        if (waiting.size() >= MOST_FILES_AT_ONCE || waitingBytes >= MOST_BYTES_AT_ONCE) {
            takeWaiting();
        }
    }

    void reject(String name, ErrorCode code, String reason) {
        rejected.add(new Rejected(ArchivePath.show(name), code.name(), reason));
    }

    private void takeWaiting() {
        List<Outcome> outcomes =
                intake.take(waiting.stream().map(Waiting::source).toList());
        for (int i = 0; i < outcomes.size(); i++) {
            Waiting file = waiting.get(i);
            switch (outcomes.get(i)) {
                case Outcome.Refused refused -> reject(file.name(), refused.code(), refused.reason());
                case Outcome.Stored stored -> arrive(new Arrived(file.name(), file.place(), stored));
            }
        }
        waiting.clear();
        waitingBytes = 0;
    }

    private void arrive(Arrived file) {
        switch (file.place()) {
            case Place.Picture _ -> pictures.add(file);
            case Place.Mask mask -> {
                if (!file.stored().format().equals(ImageFormat.PNG.name())) {
                    reject(
                            file.name(),
                            ErrorCode.IMAGE_UNSUPPORTED,
                            "a mask is a PNG, this is " + file.stored().format());
                } else if (masks.putIfAbsent(mask.key(), file) != null) {
                    reject(file.name(), ErrorCode.ARCHIVE_ENTRY_REFUSED, "its picture has a mask already");
                }
            }
        }
    }

    /** Takes what still waits: all files are here. */
    Import arrived(Layout understood) {
        if (!waiting.isEmpty()) {
            takeWaiting();
        }
        layout = understood;
        return this;
    }

    /** Makes the images visible, within the caller's transaction. */
    ImportReport finish() {
        Set<String> used = new HashSet<>();
        List<Image> arrived = new ArrayList<>();
        Map<String, Integer> labels = new TreeMap<>();
        Map<String, Integer> splits = new TreeMap<>();
        for (Arrived file : pictures) {
            Place.Picture place = (Place.Picture) file.place();
            Annotation annotation = place.annotation();
            Split split = place.split();
            arrived.add(file.stored()
                    .image(file.name(), annotation.label(), annotation.defect(), split, mask(file, place, used)));
            if (annotation.label() != null) {
                labels.merge(annotation.label(), 1, Integer::sum);
            }
            splits.merge(split == null ? Images.UNASSIGNED : split.name(), 1, Integer::sum);
        }
        masks.forEach((key, mask) -> {
            if (!used.contains(key)) {
                reject(mask.name(), ErrorCode.ARCHIVE_ENTRY_REFUSED, "a mask of no picture: there is no test/" + key);
            }
        });
        int accepted = (int)
                images.add(project, arrived).stream().filter(isNew -> isNew).count();
        return new ImportReport(accepted, arrived.size() - accepted, rejected, labels, splits, layout);
    }

    private String mask(Arrived picture, Place.Picture place, Set<String> used) {
        Arrived mask = place.maskKey() == null ? null : masks.get(place.maskKey());
        if (mask == null) {
            return null;
        }
        used.add(place.maskKey());
        Outcome.Stored of = picture.stored();
        if (mask.stored().width() != of.width() || mask.stored().height() != of.height()) {
            reject(
                    mask.name(),
                    ErrorCode.IMAGE_DAMAGED,
                    "a mask of %d x %d pixels for a picture of %d x %d"
                            .formatted(mask.stored().width(), mask.stored().height(), of.width(), of.height()));
            return null;
        }
        return mask.stored().sha256();
    }
}
