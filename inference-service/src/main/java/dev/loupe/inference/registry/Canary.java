package dev.loupe.inference.registry;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The candidate of an alias: a version that answers a share of the requests to it.
 *
 * @param alias name of the alias
 * @param revision increases by one with each change of the alias' candidate
 * @param generation generation of the alias; at another one the candidate has no effect
 * @param candidate number of the version
 * @param weight percentage of the requests that it answers, 0 to 100
 * @param seed decides with the key of a request which arm answers it; the same for all weights of a candidate
 * @param active false after its end
 * @param shadow whether it also sees the images that the holder predicts, without its predictions being returned
 */
public record Canary(
        String alias,
        long revision,
        long generation,
        int candidate,
        double weight,
        long seed,
        boolean active,
        boolean shadow) {
    private static final int FRACTION_BITS = 53;

    public Canary {
        if (!(weight >= 0 && weight <= 100)) {
            throw new IllegalArgumentException("weight of a candidate: expected 0 to 100, got " + weight);
        }
    }

    /** Whether it has an effect on an alias of this generation. */
    public boolean holdsFor(Alias target) {
        return active && generation == target.generation();
    }

    /**
     * Returns the arm that answers the requests with this key. A key is the same place in 0..1 for all weights, so a
     * larger weight only brings further keys to the candidate.
     */
    public Arm arm(String key) {
        return place(seed, key) * 100 < weight ? Arm.CANDIDATE : Arm.HOLDER;
    }

    /** The first 53 bits of {@code sha256(seed, key)} as a number from 0 to less than 1. */
    static double place(long seed, String key) {
        byte[] text = key.getBytes(StandardCharsets.UTF_8);
        byte[] seeded = ByteBuffer.allocate(Long.BYTES + text.length)
                .putLong(seed)
                .put(text)
                .array();
        try {
            long first = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(seeded))
                    .getLong();
            return (first >>> (Long.SIZE - FRACTION_BITS)) * 0x1p-53;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // each Java platform has it
        }
    }
}
