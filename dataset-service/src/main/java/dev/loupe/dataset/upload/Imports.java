package dev.loupe.dataset.upload;

import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.ImageAdditions;
import dev.loupe.dataset.image.ImageIntake;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.upload.Import.Understood;
import dev.loupe.dataset.upload.layout.Layout;
import dev.loupe.dataset.upload.layout.Place;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.error.ErrorCode;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Imports many files into projects in two steps: all files are decoded and stored without a database connection, then
 * one short transaction makes them visible.
 */
@ApplicationScoped
class Imports {
    private static final int POLL_SECONDS = 1;

    private final ImageIntake intake;
    private final UploadMemory memory;
    private final ImageAdditions additions;
    private final Audit audit;
    private final UploadConfig config;
    private final Semaphore archives;
    private final Semaphore forms;

    /**
     * Options of an import request.
     *
     * @param label label of all files; {@link Annotation#NONE}: the folders determine it
     * @param relabel whether labels and splits of the files replace the stored ones
     */
    record Options(Annotation label, boolean relabel) {}

    /** Files that are decoded and stored, but not visible yet. */
    record Prepared(Project project, Import files, Understood understood, Options options) {}

    Imports(ImageIntake intake, UploadMemory memory, ImageAdditions additions, Audit audit, UploadConfig config) {
        this.intake = intake;
        this.memory = memory;
        this.additions = additions;
        this.audit = audit;
        this.config = config;
        this.archives = new Semaphore(config.concurrentImports(), true);
        this.forms = new Semaphore(config.concurrentForms(), true);
    }

    long maxArchiveSize() {
        return config.maxArchiveSize().asLongValue();
    }

    long maxFormSize() {
        return config.maxFormSize().asLongValue();
    }

    int maxFormFiles() {
        return config.maxFormFiles();
    }

    /** Decodes and stores the images of an archive. Waits for its turn while the requester is connected. */
    Prepared prepare(Project project, Spool spool, Options options, Requester requester) {
        Archive.Limits limits = new Archive.Limits(
                config.maxEntries(), config.maxDirectorySize().asLongValue(), config.maxRatio());
        return inTurn(
                archives,
                requester,
                work -> taken(
                        project,
                        work,
                        options,
                        files -> ArchiveImport.run(
                                spool.file(), limits, project, options.label(), files, intake.maxSize(), work)));
    }

    /** Decodes and stores the files of a form, all with the same label and split. Waits like an archive. */
    Prepared prepare(Project project, Form form, Place.OfImage place, Requester requester) {
        return inTurn(
                forms,
                requester,
                work -> taken(project, work, new Options(place.annotation(), false), files -> {
                    form.read((name, size, content) -> {
                        if (size > intake.maxSize()) {
                            files.reject(
                                    name,
                                    ErrorCode.IMAGE_TOO_LARGE,
                                    "more than " + intake.maxSize() + " bytes, the most that an image may have");
                        } else {
                            files.add(name, place, size, content);
                        }
                    });
                    return new Understood(Layout.Kind.FILES, "", "the files of a form", true);
                }));
    }

    private Prepared taken(Project project, Work work, Options options, Function<Import, Understood> reading) {
        Import files = new Import(project, intake, memory, work);
        try {
            Understood understood = reading.apply(files);
            files.takeRest();
            return new Prepared(project, files, understood, options);
        } finally {
            files.giveMemoryBack();
        }
    }

    private Prepared inTurn(Semaphore places, Requester requester, Function<Work, Prepared> action) {
        Work work = new Work(requester, config.importTimeout());
        try {
            while (!places.tryAcquire(POLL_SECONDS, TimeUnit.SECONDS)) {
                work.throwIfEnded();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        try {
            return action.apply(work);
        } finally {
            places.release();
        }
    }

    /** Adds one decoded and stored image in the caller's transaction. */
    ImageAdditions.Result add(Project project, Image image, String actor) {
        ImageAdditions.Result result = additions.add(project, List.of(image), false);
        if (result.added() > 0) {
            audit.record(actor, "image.add", project.name() + "/" + image.sha256(), image.name());
        }
        return result;
    }

    /** Makes all prepared images visible at once, in the caller's transaction. */
    ImportReport commit(Prepared prepared, String actor) {
        ImportReport report = prepared.files()
                .finish(additions, prepared.understood(), prepared.options().relabel());
        audit.record(
                actor,
                "images.import",
                prepared.project().name(),
                "%s: %d new, %d known, %d changed, %d rejected"
                        .formatted(
                                report.layout(),
                                report.accepted(),
                                report.duplicates(),
                                report.changed(),
                                report.rejections()));
        return report;
    }
}
