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
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * A zip file that a stranger sent. It is read entry by entry, and what comes out is counted, whatever the headers say.
 * For one thread.
 */
final class Archive implements AutoCloseable {
    private static final int END = 0x06054b50;
    private static final int END_SIZE = 22;
    private static final int END_64 = 0x06064b50;
    private static final int LOCATOR_64 = 0x07064b50;
    private static final int LOCATOR_64_SIZE = 20;
    private static final int HEADER = 0x02014b50;
    private static final int HEADER_SIZE = 46;
    private static final int LONGEST_COMMENT = 0xFFFF;
    /** Up to here a file may be packed as tightly as it likes: a blank drawing is. */
    private static final long SMALL_ENTRY = 8L << 20;

    private static final long SMALL_ARCHIVE = 256L << 20;
    private static final int FILE_TYPE = 0170000;
    private static final int REGULAR_FILE = 0100000;

    private final ZipFile zip;
    private final int maxRatio;
    private long budget;

    /** Opens it; {@code ARCHIVE_DAMAGED} if it is no zip file or not whole, {@code ARCHIVE_TOO_LARGE} for its entries. */
    Archive(Path file, int maxEntries, int maxRatio) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            requireAtMost(maxEntries, channel);
            this.maxRatio = maxRatio;
            this.budget = Math.max(SMALL_ARCHIVE, maxRatio * channel.size());
        }
        try {
            zip = ZipFile.builder().setPath(file).setIgnoreLocalFileHeader(true).get();
        } catch (IOException | RuntimeException e) {
            throw damaged("its directory can't be read", e);
        }
    }

    List<ZipArchiveEntry> files() {
        return Collections.list(zip.getEntries()).stream()
                .filter(entry -> !entry.isDirectory())
                .toList();
    }

    /**
     * The content of an entry.
     *
     * @throws ServiceException {@code ARCHIVE_ENTRY_REFUSED} or {@code IMAGE_TOO_LARGE} of this entry alone;
     *     {@code ARCHIVE_TOO_LARGE} if all entries together unpack to more than the archive's share
     */
    byte[] read(ZipArchiveEntry entry, long most) {
        requireReadable(entry);
        long packed = Math.max(entry.getCompressedSize(), 0);
        long tightest = Math.max(SMALL_ENTRY, packed * maxRatio);
        long limit = Math.min(Math.min(most, tightest), budget);
        byte[] content;
        try (InputStream in = zip.getInputStream(entry)) {
            content = in.readNBytes((int) Math.min(limit + 1, Integer.MAX_VALUE - 8));
        } catch (IOException | RuntimeException e) {
            throw new ServiceException(
                    ErrorCode.ARCHIVE_ENTRY_REFUSED, "it can't be unpacked: the archive is damaged here", e);
        }
        budget -= content.length;
        if (budget < 0) {
            throw new ServiceException(
                    ErrorCode.ARCHIVE_TOO_LARGE,
                    "the archive unpacks to more than " + maxRatio + " times its size; nothing of it was imported");
        }
        if (content.length > most) {
            throw new ServiceException(
                    ErrorCode.IMAGE_TOO_LARGE, "more than " + most + " bytes, the most that an image may have");
        }
        if (content.length > tightest) {
            throw refused("it unpacks to more than " + maxRatio + " times its packed size");
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
            throw refused("it is no regular file");
        }
        if (entry.getGeneralPurposeBit().usesEncryption()) {
            throw refused("it is encrypted");
        }
        if (!zip.canReadEntryData(entry)) {
            throw refused("it is packed with a method that is not known here");
        }
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    /** Counts the headers before the library makes objects of them. APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16. */
    private static void requireAtMost(int maxEntries, FileChannel file) throws IOException {
        file.position(directory(file));
        DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(file), 1 << 16));
        byte[] bytes = new byte[HEADER_SIZE];
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        try {
            in.readFully(bytes, 0, 4);
            for (int entries = 1; header.getInt(0) == HEADER; entries++) {
                if (entries > maxEntries) {
                    throw new ServiceException(
                            ErrorCode.ARCHIVE_TOO_LARGE, "the archive has more than " + maxEntries + " entries");
                }
                in.readFully(bytes, 4, HEADER_SIZE - 4);
                in.skipNBytes(Short.toUnsignedLong(header.getShort(28))
                        + Short.toUnsignedLong(header.getShort(30))
                        + Short.toUnsignedLong(header.getShort(32)));
                in.readFully(bytes, 0, 4);
            }
        } catch (EOFException e) {
            throw damaged("its directory ends early", e);
        }
    }

    /** Where the central directory begins. */
    private static long directory(FileChannel file) throws IOException {
        int length = (int) Math.min(file.size(), END_SIZE + LONGEST_COMMENT);
        long start = file.size() - length;
        ByteBuffer tail = read(file, start, length);
        int end = length - END_SIZE;
        while (end >= 0 && tail.getInt(end) != END) {
            end--;
        }
        if (end < 0) {
            throw damaged("it is no zip file, or it ends early", null);
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
        // Something may stand before the archive: then offsets are too small, and the size tells.
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

    private static ServiceException refused(String reason) {
        return new ServiceException(ErrorCode.ARCHIVE_ENTRY_REFUSED, reason);
    }

    private static ServiceException damaged(String reason, Exception cause) {
        return new ServiceException(ErrorCode.ARCHIVE_DAMAGED, "the archive is damaged: " + reason, cause);
    }
}
