package dev.loupe.testing;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Mutates bytes in the way of a careless program, a bad disk or an attacker. */
public final class Mutation {
    private static final int MAX_CHANGES = 4;
    /** Numbers that are critical for parsers, written with one to eight bytes in either order. */
    private static final long[] BOUNDARY_VALUES = {
        0,
        1,
        2,
        0x7F,
        0x80,
        0xFF,
        0x100,
        0x7FFF,
        0x8000,
        0xFFFF,
        0x1_0000,
        0x7FFF_FFFFL,
        0x8000_0000L,
        0xFFFF_FFFFL,
        -1L,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private Mutation() {}

    /**
     * Returns a mutated copy. One to four mutations are applied: flip bits, replace bytes, write a number at the edge
     * of its range, delete a part, repeat a part, copy a part from elsewhere in the bytes, or truncate the end.
     *
     * @param bytes bytes to mutate; not modified
     * @return mutated bytes; may be empty, and up to twice as long
     */
    public static byte[] of(byte[] bytes, RandomGenerator random) {
        byte[] changed = bytes.clone();
        int changes = 1 + random.nextInt(MAX_CHANGES);
        for (int i = 0; i < changes && changed.length > 0; i++) {
            changed = change(changed, 2 * bytes.length, random);
        }
        return changed;
    }

    private static byte[] change(byte[] bytes, int longest, RandomGenerator random) {
        int at = random.nextInt(bytes.length);
        return switch (random.nextInt(7)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> withByte(bytes, at, (byte) (bytes[at] ^ 1 << random.nextInt(8)));
            case 2 -> withByte(bytes, at, (byte) random.nextInt(256));
            case 3 -> withNumber(bytes, at, random);
            case 4 -> spliced(bytes, at, Math.min(bytes.length, at + length(random)), new byte[0]);
            case 5 -> {
                byte[] part = part(bytes, random);
                yield atMost(longest, spliced(bytes, at, at, part));
            }
            default -> {
                byte[] part = part(bytes, random);
                yield atMost(longest, spliced(bytes, at, Math.min(bytes.length, at + part.length), part));
            }
        };
    }

    private static byte[] atMost(int length, byte[] bytes) {
        return bytes.length <= length ? bytes : Arrays.copyOf(bytes, length);
    }

    private static byte[] withByte(byte[] bytes, int at, byte value) {
        bytes[at] = value;
        return bytes;
    }

    private static byte[] withNumber(byte[] bytes, int at, RandomGenerator random) {
        long number = BOUNDARY_VALUES[random.nextInt(BOUNDARY_VALUES.length)];
        int width = 1 << random.nextInt(4);
        boolean bigEndian = random.nextBoolean();
        for (int i = 0; i < width && at + i < bytes.length; i++) {
            bytes[at + i] = (byte) (number >>> 8 * (bigEndian ? width - 1 - i : i));
        }
        return bytes;
    }

    private static byte[] part(byte[] bytes, RandomGenerator random) {
        int from = random.nextInt(bytes.length);
        return Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + length(random)));
    }

    /** A length that is mostly short and sometimes long. */
    private static int length(RandomGenerator random) {
        return 1 + random.nextInt(1 << 1 + random.nextInt(10));
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] part) {
        byte[] spliced = new byte[bytes.length - (to - from) + part.length];
        System.arraycopy(bytes, 0, spliced, 0, from);
        System.arraycopy(part, 0, spliced, from, part.length);
        System.arraycopy(bytes, to, spliced, from + part.length, bytes.length - to);
        return spliced;
    }
}
