package dev.loupe.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FuzzTest {
    private static final byte[] SEED = "the quick brown fox jumps over the lazy dog".getBytes();

    @Test
    void sameSeedGeneratesTheSameInputs() {
        List<List<byte[]>> runs = List.of(new ArrayList<>(), new ArrayList<>());
        for (List<byte[]> inputs : runs) {
            assertEquals(50, new Fuzz("same", 50, 50).run(random -> Mutation.of(SEED, random), inputs::add));
        }
        for (int n = 0; n < 50; n++) {
            assertArrayEquals(runs.get(0).get(n), runs.get(1).get(n));
        }
    }

    @Test
    void storesTheFailingInput() throws Exception {
        AssertionError e = assertThrows(
                AssertionError.class, () -> new Fuzz("kept", 9, 9).run(random -> new byte[] {7, 8, 9}, input -> {
                    throw new IllegalStateException("no");
                }));
        assertTrue(e.getMessage().contains("input 0 of seed"), e.getMessage());
        Path kept = Path.of(e.getMessage().replaceAll(".*kept in (\\S+): .*", "$1"));
        assertArrayEquals(new byte[] {7, 8, 9}, Files.readAllBytes(kept));
    }

    @Test
    void mutationsDifferAndDoNotChangeTheirSource() {
        byte[] source = SEED.clone();
        Set<String> different = new HashSet<>();
        for (int n = 0; n < 1_000; n++) {
            byte[] mutation = Mutation.of(source, new SplittableRandom(n));
            assertTrue(mutation.length <= 2 * SEED.length);
            different.add(Arrays.toString(mutation));
        }
        assertArrayEquals(SEED, source);
        assertTrue(different.size() > 900, "different mutations: " + different.size());
    }
}
