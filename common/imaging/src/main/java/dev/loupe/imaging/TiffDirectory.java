package dev.loupe.imaging;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** The first directory of a TIFF file (TIFF 6.0, section 2). Values are read from the file on access. */
final class TiffDirectory {
    private static final int BYTE = 1;
    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int UNDEFINED = 7;

    private final ByteBuffer file;
    private final Map<Integer, Entry> entries = new HashMap<>();

    /** Values of a tag: {@code count} values starting at {@code offset}. */
    private record Entry(int type, int count, int offset) {}

    TiffDirectory(byte[] encoded) {
        file = ByteBuffer.wrap(encoded);
        file.order(encoded[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int at = offset(file.getInt(4));
        int count = Short.toUnsignedInt(file.getShort(at));
        at += 2;
        for (int i = 0; i < count; i++, at += 12) {
            int tag = Short.toUnsignedInt(file.getShort(at));
            int type = Short.toUnsignedInt(file.getShort(at + 2));
            long values = Integer.toUnsignedLong(file.getInt(at + 4));
            int size = size(type);
            if (size == 0) {
                continue;
            }
            long bytes = values * size;
            int offset = bytes <= 4 ? at + 8 : offset(file.getInt(at + 8));
            if (offset + bytes > encoded.length) {
                throw new IndexOutOfBoundsException("tag " + tag + " is outside the file");
            }
            entries.putIfAbsent(tag, new Entry(type, (int) values, offset));
        }
    }

    private static int size(int type) {
        return switch (type) {
            case BYTE, UNDEFINED -> 1;
            case SHORT -> 2;
            case LONG -> 4;
            default -> 0;
        };
    }

    private int offset(int unsigned) {
        long offset = Integer.toUnsignedLong(unsigned);
        if (offset > file.capacity()) {
            throw new IndexOutOfBoundsException("offset " + offset + " is outside the file");
        }
        return (int) offset;
    }

    ByteOrder order() {
        return file.order();
    }

    /** Number of values of a tag, 0 if it is absent. */
    int count(int tag) {
        Entry entry = entries.get(tag);
        return entry == null ? 0 : entry.count();
    }

    /** Returns a value of a tag. */
    long value(int tag, int index) {
        Entry entry = entries.get(tag);
        if (entry == null || index >= entry.count()) {
            throw new DamagedImageException("TIFF file is damaged: tag " + tag + " is missing");
        }
        return switch (entry.type()) {
            case SHORT -> Short.toUnsignedLong(file.getShort(entry.offset() + 2 * index));
            case LONG -> Integer.toUnsignedLong(file.getInt(entry.offset() + 4 * index));
            default -> Byte.toUnsignedLong(file.get(entry.offset() + index));
        };
    }

    /** Returns the first value of a tag. */
    long value(int tag) {
        return value(tag, 0);
    }

    /** Returns the first value of a tag, or the default if it is absent. */
    long valueOr(int tag, long absent) {
        return count(tag) == 0 ? absent : value(tag, 0);
    }

    /** Returns the values of a tag as bytes. */
    ByteBuffer bytes(int tag) {
        Entry entry = entries.get(tag);
        return file.slice(entry.offset(), entry.count() * size(entry.type()));
    }
}
