package dev.loupe.dataset.upload;

import dev.loupe.dataset.image.ImageIntake;
import dev.loupe.dataset.image.Images;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.upload.ImportReport.Layout;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;

/** Takes whole archives into projects. */
@ApplicationScoped
class Imports {
    private final ImageIntake intake;
    private final Images images;
    private final Audit audit;
    private final UploadConfig config;
    private final Semaphore places;

    private record Entry(ZipArchiveEntry entry, ArchivePath path) {}

    Imports(ImageIntake intake, Images images, Audit audit, UploadConfig config) {
        this.intake = intake;
        this.images = images;
        this.audit = audit;
        this.config = config;
        this.places = new Semaphore(config.concurrentImports(), true);
    }

    long maxArchiveSize() {
        return config.maxArchiveSize().asLongValue();
    }

    Import begin(Project project) {
        return new Import(project, intake, images);
    }

    /** Decodes and stores what is in an archive, when it is its turn; nothing of it is visible yet. */
    Import take(Project project, Spool spool) {
        places.acquireUninterruptibly();
        try (Archive archive = new Archive(spool.file(), config.maxEntries(), config.maxRatio())) {
            return take(archive, project);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            places.release();
        }
    }

    /** Makes all good images visible at once, within the caller's transaction. */
    ImportReport finish(Import files, Project project, String actor) {
        ImportReport report = files.finish();
        record(actor, project, report);
        return report;
    }

    private void record(String actor, Project project, ImportReport report) {
        audit.record(
                actor,
                "images.import",
                project.name(),
                "%s: %d new, %d known, %d rejected"
                        .formatted(
                                report.layout(),
                                report.accepted(),
                                report.duplicates(),
                                report.rejected().size()));
    }

    private Import take(Archive archive, Project project) {
        Import files = begin(project);
        List<Entry> entries = named(archive, files);
        if (entries.isEmpty()) {
            return files.arrived(Layout.FILES);
        }
        ArchiveLayout layout = ArchiveLayout.of(
                project.task(), entries.stream().map(Entry::path).toList());
        for (Entry entry : entries) {
            try {
                ArchiveLayout.Place place = layout.place(entry.path());
                byte[] content = archive.read(entry.entry(), intake.maxSize());
                files.add(entry.path().toString(), place, () -> content, content.length);
            } catch (ServiceException e) {
                if (e.code() == ErrorCode.ARCHIVE_TOO_LARGE) {
                    throw e;
                }
                files.reject(entry.entry().getName(), e.code(), e.getMessage());
            }
        }
        return files.arrived(layout.kind());
    }

    private static List<Entry> named(Archive archive, Import files) {
        ArchiveNames names = new ArchiveNames();
        List<Entry> entries = new ArrayList<>();
        for (ZipArchiveEntry entry : archive.files()) {
            try {
                ArchivePath path = ArchivePath.of(entry.getName());
                if (path.isClutter()) {
                    continue;
                }
                if (path.isArchive()) {
                    throw new ServiceException(ErrorCode.ARCHIVE_ENTRY_REFUSED, "an archive within the archive");
                }
                names.add(path);
                entries.add(new Entry(entry, path));
            } catch (ServiceException e) {
                files.reject(entry.getName(), e.code(), e.getMessage());
            }
        }
        return entries;
    }
}
