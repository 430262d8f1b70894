package dev.loupe.dataset.finding;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashIndexTest {
    /** Random hashes, and copies of them with up to nine other bits. */
    private static long[] hashes(int number) {
        Random random = new Random(1);
        long[] hashes = random.longs(number).toArray();
        for (int i = number / 2; i < number; i++) {
            hashes[i] = hashes[random.nextInt(number / 2)];
            for (int flips = random.nextInt(10); flips > 0; flips--) {
                hashes[i] ^= 1L << random.nextInt(64);
            }
        }
        return hashes;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 6, 7})
    void findsEachNearHashOnce(int distance) {
        long[] hashes = hashes(600);
        HashIndex index = new HashIndex(hashes);
        for (int i = 0; i < hashes.length; i++) {
            List<Integer> found = new ArrayList<>();
            index.forEachNear(i, distance, found::add);
            Collections.sort(found);
            List<Integer> expected = new ArrayList<>();
            for (int other = 0; other < hashes.length; other++) {
                if (other != i && Long.bitCount(hashes[i] ^ hashes[other]) <= distance) {
                    expected.add(other);
                }
            }
            assertEquals(expected, found, "hash " + i);
        }
    }

    @Test
    void stopsWhenTheCallerHasEnough() {
        HashIndex index = new HashIndex(new long[1000]);
        int[] calls = new int[1];
        index.forEachNear(0, 7, _ -> ++calls[0] < 5);
        assertEquals(5, calls[0]);
    }
}
