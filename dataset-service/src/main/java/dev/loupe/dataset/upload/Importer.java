package dev.loupe.dataset.upload;

import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.ImageAdditions;
import dev.loupe.dataset.image.ImageIntake;
import dev.loupe.dataset.image.ImageIntake.Outcome;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.upload.ArchiveImport.ProgressListener;
import dev.loupe.dataset.upload.ImportedFiles.Added;
import dev.loupe.dataset.upload.ImportedFiles.Checkpoint;
import dev.loupe.dataset.upload.format.DetectedFormat;
import dev.loupe.dataset.upload.format.FilesFormat;
import dev.loupe.dataset.upload.format.Place;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Imports many files into projects in two steps: all files are decoded and stored without a database connection, then
 * one short transaction makes them visible.
 */
@ApplicationScoped
class Importer {
    private static final int POLL_SECONDS = 1;

    private final ImageIntake intake;
    private final UploadMemory memory;
    private final ImageAdditions additions;
    private final Audit audit;
    private final UploadConfig config;
    private final Semaphore formSlots;

    /** Files that are decoded and stored, but not visible yet. */
    record Prepared(Project project, ImportedFiles files, DetectedFormat format, boolean relabel) {}

    /**
     * The work on an archive.
     *
     * @param options what the request says about the archive
     */
    record ArchiveWork(
            Project project,
            ImportOptions options,
            ImportDeadline deadline,
            Checkpoint checkpoint,
            ProgressListener listener) {}

    Importer(ImageIntake intake, UploadMemory memory, ImageAdditions additions, Audit audit, UploadConfig config) {
        this.intake = intake;
        this.memory = memory;
        this.additions = additions;
        this.audit = audit;
        this.config = config;
        this.formSlots = new Semaphore(config.concurrentForms(), true);
    }

    /** Throws if the body is not an archive whose directory can be read. */
    void requireArchive(BufferedBody body) {
        withArchive(body, _ -> null);
    }

    /** Plans the import of an archive and describes the plan. */
    ImportInspection inspect(BufferedBody body, Project project, ImportOptions options) {
        return withArchive(body, archive -> {
            FileFindings findings = new FileFindings();
            ArchivePlan plan = ArchivePlan.of(archive, project.task(), options, intake.maxSize(), findings);
            return ImportInspection.of(project.task(), plan, findings);
        });
    }

    /** Decodes and stores the images of an archive. */
    Prepared prepare(BufferedBody body, ArchiveWork work) {
        return withArchive(body, archive -> {
            ImportedFiles files = new ImportedFiles(work.project(), intake, memory, work.deadline(), work.checkpoint());
            try {
                ArchivePlan plan = ArchivePlan.of(
                        archive, work.project().task(), work.options(), intake.maxSize(), files.findings());
                work.listener().planned(plan.files(), plan.bytes());
                new ArchiveImport(archive, intake.maxSize(), files, work.deadline(), work.listener()).run(plan);
                return new Prepared(
                        work.project(), files, plan.format(), work.options().relabel());
            } finally {
                files.releaseMemory();
            }
        });
    }

    private <T> T withArchive(BufferedBody body, Function<Archive, T> action) {
        Archive.Limits limits = new Archive.Limits(
                config.maxEntries(), config.maxDirectorySize().asLongValue(), config.maxRatio());
        try (Archive archive = new Archive(body.file(), limits)) {
            return action.apply(archive);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Decodes and stores the files of a form, all with the same label and split. Waits for its turn while the requester
     * is connected.
     */
    Prepared prepare(Project project, Form form, Place.OfImage place, Requester requester) {
        ImportDeadline deadline = new ImportDeadline(requester::isGone, Instant.now(), config.importTimeout());
        return withFormSlot(deadline, () -> {
            ImportedFiles files = new ImportedFiles(project, intake, memory, deadline, Checkpoint.NONE);
            try {
                form.read((name, size, content) -> {
                    if (size > intake.maxSize()) {
                        files.findings()
                                .refuse(
                                        name,
                                        ErrorCode.IMAGE_TOO_LARGE,
                                        "more than " + intake.maxSize() + " bytes, the most that an image may have");
                    } else {
                        files.add(name, place, size, content);
                    }
                });
                files.storeRemaining();
                return new Prepared(project, files, FilesFormat.withLabel(place.annotation()), false);
            } finally {
                files.releaseMemory();
            }
        });
    }

    private Prepared withFormSlot(ImportDeadline deadline, Supplier<Prepared> action) {
        try {
            while (!formSlots.tryAcquire(POLL_SECONDS, TimeUnit.SECONDS)) {
                deadline.throwIfEnded();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        try {
            return action.get();
        } finally {
            formSlots.release();
        }
    }

    long maxImageSize() {
        return intake.maxSize();
    }

    /**
     * Decodes and stores one image.
     *
     * @param shown name for error messages
     */
    Outcome.Stored decodeAndStore(BufferedBody image, String shown) {
        memory.take(image.size());
        try {
            return switch (intake.decodeAndStore(List.of(image::bytes)).getFirst()) {
                case Outcome.Refused refused ->
                    throw new ServiceException(refused.code(), "image '" + shown + "': " + refused.reason());
                case Outcome.Stored stored -> stored;
            };
        } finally {
            memory.giveBack(image.size());
        }
    }

    /** Adds one decoded and stored image in the caller's transaction. */
    ImageAdditions.Result add(Project project, Image image, String actor) {
        ImageAdditions.Result result = additions.add(project, List.of(image), false, actor);
        if (result.added() > 0) {
            audit.record(Change.of(project.id(), actor, "image.add", project.name() + "/" + image.sha256())
                    .detail(image.name()));
        }
        return result;
    }

    /** Makes all prepared images visible at once, in the caller's transaction. */
    Added commit(Prepared prepared, String actor) {
        Added added = prepared.files().addTo(additions, prepared.format(), prepared.relabel(), actor);
        ImportReport report = added.report();
        Project project = prepared.project();
        audit.record(Change.of(project.id(), actor, "images.import", project.name())
                .detail("%s: %d added, %d existing, %d changed, %d refused"
                        .formatted(
                                report.format(),
                                report.added(),
                                report.existing(),
                                report.changed(),
                                report.refused())));
        return added;
    }
}
