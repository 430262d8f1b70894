package dev.loupe.dataset.upload;

import dev.loupe.dataset.image.ImageIntake.Outcome;
import dev.loupe.dataset.upload.ArchivePlan.Entry;
import dev.loupe.dataset.upload.format.Place;
import dev.loupe.service.error.ServiceException;
import java.util.List;

/** Reads the images and masks of a planned archive. Not thread-safe. */
final class ArchiveImport {
    private final Archive archive;
    private final long largestImage;
    private final ImportedFiles files;
    private final ImportDeadline deadline;
    private final ProgressListener listener;

    /** Observes the progress of an import. */
    interface ProgressListener {
        /** The archive was opened: it has this many images and masks, of this many unpacked bytes. */
        void planned(int files, long bytes);

        /** A file of this size was read or refused. */
        void read(int bytes);
    }

    ArchiveImport(
            Archive archive,
            long largestImage,
            ImportedFiles files,
            ImportDeadline deadline,
            ProgressListener listener) {
        this.archive = archive;
        this.largestImage = largestImage;
        this.files = files;
        this.deadline = deadline;
        this.listener = listener;
    }

    void run(ArchivePlan plan) {
        plan.images().forEach(image -> read(image.entry(), () -> add(image.entry(), image.place())));
        plan.masks().forEach(this::addMask);
        files.storeRemaining();
    }

    /** Runs the action for one file. A bad file is refused alone; other failures end the import. */
    private void read(Entry entry, Runnable action) {
        deadline.throwIfEnded();
        try {
            action.run();
        } catch (ServiceException e) {
            switch (e.code()) {
                case ARCHIVE_ENTRY_REFUSED, IMAGE_TOO_LARGE, IMAGE_DAMAGED, IMAGE_UNSUPPORTED ->
                    files.findings().refuse(entry.name(), e.code(), e.getMessage());
                default -> throw e;
            }
        }
        listener.read(entry.size());
    }

    private void addMask(String imageKey, List<Entry> entries) {
        Place place = new Place.OfMask(imageKey);
        if (entries.size() == 1) {
            read(entries.getFirst(), () -> add(entries.getFirst(), place));
            return;
        }
        MaskUnion union = new MaskUnion();
        for (Entry entry : entries) {
            read(
                    entry,
                    () -> files.use(
                            entry.size(),
                            () -> contentOf(entry),
                            png -> DecoderMemoryRetry.retry(deadline, () -> {
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
        files.add(entry.name(), place, entry.size(), () -> contentOf(entry));
    }

    private byte[] contentOf(Entry entry) {
        return archive.read(entry.entry(), largestImage);
    }
}
