package dev.loupe.cli.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A folder as a zip file that is generated while it is read; nothing is written to disk. */
final class FolderZip {

    private FolderZip() {}

    /** The reader gets an error in place of the end if a file can't be read. */
    static InputStream stream(Path folder) {
        FailingPipe input = new FailingPipe();
        PipedOutputStream output;
        try {
            output = new PipedOutputStream(input);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        Thread.startVirtualThread(() -> {
            try (output) {
                write(folder, output);
            } catch (IOException | UncheckedIOException failed) {
                input.failure = new IOException(folder + ": " + failed.getMessage(), failed);
            }
        });
        return input;
    }

    private static void write(Path folder, PipedOutputStream output) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(output);
                Stream<Path> files = Files.walk(folder)) {
            // Images are compressed already.
            zip.setLevel(Deflater.NO_COMPRESSION);
            Iterator<Path> sorted = files.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .iterator();
            while (sorted.hasNext()) {
                Path file = sorted.next();
                ZipEntry entry = new ZipEntry(folder.relativize(file).toString().replace('\\', '/'));
                // The same folder has the same bytes: a repeated request is recognized by them.
                entry.setTime(Files.getLastModifiedTime(file).toMillis());
                zip.putNextEntry(entry);
                Files.copy(file, zip);
                zip.closeEntry();
            }
        }
    }

    private static final class FailingPipe extends PipedInputStream {
        private volatile IOException failure;

        FailingPipe() {
            super(1 << 16);
        }

        @Override
        public synchronized int read() throws IOException {
            return checked(super.read());
        }

        @Override
        public synchronized int read(byte[] bytes, int offset, int length) throws IOException {
            return checked(super.read(bytes, offset, length));
        }

        private int checked(int read) throws IOException {
            if (read == -1 && failure != null) {
                throw failure;
            }
            return read;
        }
    }
}
