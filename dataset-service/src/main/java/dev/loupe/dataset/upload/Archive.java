package dev.loupe.dataset.upload;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.archivers.zip.ZipMethod;

/**
 * A zip file from an untrusted sender. It is read entry by entry; the unpacked size of an entry must match the
 * directory. Not thread-safe.
 */
final class Archive implements AutoCloseable {
    private static final int END = 0x06054b50;
    private static final int END_SIZE = 22;
    private static final int END_64 = 0x06064b50;
    private static final int LOCATOR_64 = 0x07064b50;
    private static final int LOCATOR_64_SIZE = 20;
    private static final int HEADER = 0x02014b50;
    private static final int HEADER_SIZE = 46;
    private static final int MAX_COMMENT = 0xFFFF;
    /** Up to this size, a file may have any compression ratio: that of a blank image is high. */
    private static final long SMALL_ENTRY = 8L << 20;
    /** Supported compression methods; the library lacks decoders for others. */
    private static final Set<ZipMethod> METHODS =
            Set.of(ZipMethod.STORED, ZipMethod.DEFLATED, ZipMethod.ENHANCED_DEFLATED, ZipMethod.BZIP2);

    private static final long SMALL_ARCHIVE = 256L << 20;
    private static final int FILE_TYPE = 0170000;
    private static final int REGULAR_FILE = 0100000;

    private final ZipFile zip;
    private final int maxRatio;
    private long budget;

    /**
     * Limits of an archive.
     *
     * @param entries most files and folders
     * @param directoryBytes most bytes of their names and headers, which are held in memory
     * @param ratio most times that the content may be larger than the archive
     */
    record Limits(int entries, long directoryBytes, int ratio) {}

    /**
     * Opens an archive.
     *
     * @throws ServiceException {@code ARCHIVE_UNSUPPORTED} if it is not a zip file, {@code ARCHIVE_DAMAGED} if it is
     *     incomplete, {@code ARCHIVE_TOO_LARGE} if its directory exceeds the limits
     */
    Archive(Path file, Limits limits) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            requireWithin(limits, channel);
            this.maxRatio = limits.ratio();
            this.budget = Math.max(SMALL_ARCHIVE, limits.ratio() * channel.size());
        }
        try {
            zip = ZipFile.builder().setPath(file).setIgnoreLocalFileHeader(true).get();
        } catch (IOException | RuntimeException e) {
            throw damaged("its directory can't be read", e);
        }
    }

    List<ZipArchiveEntry> files() {
        return Collections.list(zip.getEntries()).stream()
                .filter(entry -> !entry.isDirectory() && !entry.getName().endsWith("\\"))
                .toList();
    }

    /** Returns the first bytes of an entry; empty if they cannot be read. */
    byte[] start(ZipArchiveEntry entry, int length) {
        try {
            requireReadable(entry);
            try (InputStream in = zip.getInputStream(entry)) {
                return in.readNBytes(length);
            }
        } catch (IOException | RuntimeException _) {
            return new byte[0];
        }
    }

    /**
     * Returns the size of an entry's content in bytes, according to the archive's directory.
     *
     * @throws ServiceException {@code ARCHIVE_ENTRY_REFUSED} or {@code IMAGE_TOO_LARGE} for this entry only; {@code
     *     ARCHIVE_TOO_LARGE} if all entries together exceed the limit of unpacked bytes
     */
    int size(ZipArchiveEntry entry, long most) {
        requireReadable(entry);
        long size = entry.getSize();
        long packed = Math.max(entry.getCompressedSize(), 0);
        if (size > most) {
            throw new ServiceException(
                    ErrorCode.IMAGE_TOO_LARGE, "more than " + most + " bytes, the most that an image may have");
        }
        if (size < 0 || size > Math.max(SMALL_ENTRY, packed * maxRatio)) {
            throw refused("it unpacks to more than " + maxRatio + " times its packed size");
        }
        requireTotal(size);
        return (int) size;
    }

    /** Throws {@code ARCHIVE_TOO_LARGE} if contents of this total size exceed the limit of unpacked bytes. */
    void requireTotal(long bytes) {
        if (bytes > budget) {
            throw tooLarge(
                    "the archive unpacks to more than " + maxRatio + " times its size; nothing of it was imported");
        }
    }

    /**
     * Reads the content of an entry.
     *
     * @throws ServiceException as {@link #size}; also {@code ARCHIVE_ENTRY_REFUSED} if the actual size differs
     */
    byte[] read(ZipArchiveEntry entry, long most) {
        byte[] content = new byte[size(entry, most)];
        budget -= content.length;
        boolean whole;
        try (InputStream in = zip.getInputStream(entry)) {
            whole = in.readNBytes(content, 0, content.length) == content.length && in.read() == -1;
        } catch (IOException | RuntimeException e) {
            throw new ServiceException(
                    ErrorCode.ARCHIVE_ENTRY_REFUSED, "it can't be unpacked: the archive is damaged here", e);
        }
        if (!whole) {
            throw refused("it unpacks to another size than it says: the archive is damaged here");
        }
        CRC32 crc = new CRC32();
        crc.update(content);
        if (crc.getValue() != entry.getCrc()) {
            throw refused("its checksum is wrong: the archive is damaged here");
        }
        return content;
    }

    private void requireReadable(ZipArchiveEntry entry) {
        if (entry.isUnixSymlink()) {
            throw refused("it is a symbolic link");
        }
        int type = entry.getUnixMode() & FILE_TYPE;
        if (type != 0 && type != REGULAR_FILE) {
            throw refused("it is not a regular file");
        }
        if (entry.getGeneralPurposeBit().usesEncryption()) {
            throw refused("it is encrypted");
        }
        ZipMethod method = ZipMethod.getMethodByCode(entry.getMethod());
        if (method == null || !METHODS.contains(method)) {
            throw refused("it is compressed with " + (method == null ? "method " + entry.getMethod() : method)
                    + "; supported are STORED, DEFLATED, DEFLATE64 and BZIP2: pack the archive with another program");
        }
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    /**
     * Checks the headers before the library creates objects for them. APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16.
     */
    private static void requireWithin(Limits limits, FileChannel file) throws IOException {
        file.position(directory(file));
        DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(file), 1 << 16));
        byte[] bytes = new byte[HEADER_SIZE];
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        try {
            in.readFully(bytes, 0, 4);
            long size = 0;
            for (int entries = 1; header.getInt(0) == HEADER; entries++) {
                if (entries > limits.entries()) {
                    throw tooLarge("the archive has more than " + limits.entries() + " entries");
                }
                in.readFully(bytes, 4, HEADER_SIZE - 4);
                long variable = Short.toUnsignedLong(header.getShort(28))
                        + Short.toUnsignedLong(header.getShort(30))
                        + Short.toUnsignedLong(header.getShort(32));
                size += HEADER_SIZE + variable;
                if (size > limits.directoryBytes()) {
                    throw tooLarge("the names and headers of the archive's entries have more than "
                            + limits.directoryBytes() + " bytes");
                }
                in.skipNBytes(variable);
                in.readFully(bytes, 0, 4);
            }
        } catch (EOFException e) {
            throw damaged("its directory ends early", e);
        }
    }

    /** Returns the position of the central directory. */
    private static long directory(FileChannel file) throws IOException {
        int length = (int) Math.min(file.size(), END_SIZE + MAX_COMMENT);
        long start = file.size() - length;
        ByteBuffer tail = read(file, start, length);
        int end = length - END_SIZE;
        while (end >= 0 && tail.getInt(end) != END) {
            end--;
        }
        if (end < 0) {
            throw notAZipFile(file);
        }
        long size = Integer.toUnsignedLong(tail.getInt(end + 12));
        long offset = Integer.toUnsignedLong(tail.getInt(end + 16));
        long before = start + end;
        if (end >= LOCATOR_64_SIZE && tail.getInt(end - LOCATOR_64_SIZE) == LOCATOR_64) {
            long end64 = tail.getLong(end - LOCATOR_64_SIZE + 8);
            if (end64 < 0 || end64 > before) {
                throw damaged("its directory lies outside of it", null);
            }
            ByteBuffer large = read(file, end64, 56);
            if (large.getInt(0) == END_64) {
                size = large.getLong(40);
                offset = large.getLong(48);
                before = end64;
            }
        }
        // Other data may precede the archive: then offsets are too small, and the size determines the position.
        long directory = Math.max(offset, before - size);
        if (size < 0 || offset < 0 || directory > before) {
            throw damaged("its directory lies outside of it", null);
        }
        return directory;
    }

    private static ByteBuffer read(FileChannel file, long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, position + bytes.position()) < 0) {
                throw damaged("it ends early", null);
            }
        }
        return bytes;
    }

    private static ServiceException notAZipFile(FileChannel file) throws IOException {
        byte[] start = read(file, 0, (int) Math.min(file.size(), 512)).array();
        if (start.length >= 2 && start[0] == 'P' && start[1] == 'K') {
            return damaged("it ends early", null);
        }
        return new ServiceException(
                ErrorCode.ARCHIVE_UNSUPPORTED,
                "not a zip archive but " + FileKind.of(start) + "; expected a zip archive");
    }

    private static ServiceException tooLarge(String reason) {
        return new ServiceException(ErrorCode.ARCHIVE_TOO_LARGE, reason);
    }

    private static ServiceException refused(String reason) {
        return new ServiceException(ErrorCode.ARCHIVE_ENTRY_REFUSED, reason);
    }

    private static ServiceException damaged(String reason, Exception cause) {
        return new ServiceException(ErrorCode.ARCHIVE_DAMAGED, "the archive is damaged: " + reason, cause);
    }
}
