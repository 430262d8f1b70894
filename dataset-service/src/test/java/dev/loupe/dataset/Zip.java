package dev.loupe.dataset;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
            ZipArchiveEntry entry = new ZipArchiveEntry(name);
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

    /** An archive as programs without Unicode write it: names in this encoding, no flag, no extra field. */
    public static Zip encoded(String charset) {
        Zip zip = new Zip();
        zip.zip.setEncoding(charset);
        zip.zip.setUseLanguageEncodingFlag(false);
        return zip;
    }

    /** An archive whose names are in code page 437, with their Unicode form in an extra field. */
    public static Zip withUnicodeFields() {
        Zip zip = encoded("IBM437");
        zip.zip.setCreateUnicodeExtraFields(ZipArchiveOutputStream.UnicodeExtraFieldPolicy.ALWAYS);
        return zip;
    }

    public Zip images(String folder, int count) {
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

    /** Sets the flag "encrypted" of an entry (APPNOTE.TXT 4.4.4). */
    public static byte[] encrypted(byte[] archive, String name) {
        int header = header(archive, name);
        archive[header + 8] |= 1;
        return archive;
    }

    /** Sets the compression method of an entry (APPNOTE.TXT 4.4.5). */
    public static byte[] method(byte[] archive, String name, int method) {
        int header = header(archive, name);
        archive[header + 10] = (byte) method;
        return archive;
    }

    /** Lets the directory say that an entry has another size, 0..127 bytes (APPNOTE.TXT 4.4.9). */
    public static byte[] size(byte[] archive, String name, int size) {
        archive[header(archive, name) + 24] = (byte) size;
        return archive;
    }

    /** Makes the checksum of an entry wrong (APPNOTE.TXT 4.4.7). */
    public static byte[] damaged(byte[] archive, String name) {
        int header = header(archive, name);
        archive[header + 16] ^= 1;
        return archive;
    }

    /** Where an entry's header in the central directory begins. */
    private static int header(byte[] archive, String name) {
        ByteBuffer zip = ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN);
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < archive.length - 46 - wanted.length; i++) {
            if (zip.getInt(i) == 0x02014b50
                    && zip.getShort(i + 28) == wanted.length
                    && Arrays.equals(archive, i + 46, i + 46 + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no entry " + name);
    }
}
