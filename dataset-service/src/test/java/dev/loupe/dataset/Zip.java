package dev.loupe.dataset;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/** Archives as tests need them, the hostile ones too. */
public final class Zip {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ZipArchiveOutputStream zip = new ZipArchiveOutputStream(bytes);

    public Zip file(String name, byte[] content) {
        return file(name, content, _ -> {});
    }

    public Zip file(String name, byte[] content, Consumer<ZipArchiveEntry> change) {
        try {
            ZipArchiveEntry entry = new Raw(name);
            entry.setTime(0);
            change.accept(entry);
            zip.putArchiveEntry(entry);
            zip.write(content);
            zip.closeArchiveEntry();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Zip pictures(String folder, int count) {
        for (int i = 0; i < count; i++) {
            file(folder + "/" + i + ".png", Drawn.png());
        }
        return this;
    }

    public byte[] bytes() {
        try {
            zip.close();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An entry whose name is written as it is: the library would make backslashes into slashes. */
    private static final class Raw extends ZipArchiveEntry {
        Raw(String name) {
            super("x");
            super.setName(name);
        }

        @Override
        protected void setName(String name) {
            super.setName(name);
        }
    }
}
