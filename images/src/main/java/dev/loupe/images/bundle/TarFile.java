package dev.loupe.images.bundle;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A tar archive that says nothing of when, where and by whom it was written: the same files give the same bytes. */
final class TarFile implements AutoCloseable {
    private static final FileTime TIME = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

    private final TarArchiveOutputStream archive;

    TarFile(OutputStream target) {
        archive = new TarArchiveOutputStream(new BufferedOutputStream(target, 1 << 16), "UTF-8");
        archive.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        archive.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    }

    void add(String name, byte[] content, boolean executable) throws IOException {
        begin(name, content.length, executable);
        archive.write(content);
        archive.closeArchiveEntry();
    }

    void add(String name, Path file) throws IOException {
        begin(name, Files.size(file), false);
        Files.copy(file, archive);
        archive.closeArchiveEntry();
    }

    private void begin(String name, long size, boolean executable) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(size);
        entry.setLastModifiedTime(TIME);
        entry.setMode(executable ? 0755 : 0644);
        entry.setIds(0, 0);
        archive.putArchiveEntry(entry);
    }

    @Override
    public void close() throws IOException {
        archive.close();
    }
}
