package dev.loupe.vision.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.vision.classification.BatchLoader.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BatchLoaderTest {
    private static final List<List<Integer>> INDICES = List.of(List.of(2, 0, 1), List.of(3, 4), List.of(5, 2));

    /** Six examples, whose inputs and mixtures depend on random numbers. */
    private static class Examples implements TrainingExamples {
        private final boolean costly;
        final AtomicInteger written = new AtomicInteger();

        Examples(boolean costly) {
            this.costly = costly;
        }

        @Override
        public int size() {
            return 6;
        }

        @Override
        public int label(int index) {
            return index % 2;
        }

        @Override
        public long[] shape() {
            return new long[] {2};
        }

        @Override
        public void write(int index, Random random, float[] target, int offset) {
            written.incrementAndGet();
            target[offset] = index;
            target[offset + 1] = random == null ? 0 : random.nextFloat();
        }

        @Override
        public void mix(float[] inputs, float[] targets, int size, Random random) {
            inputs[0] += random.nextFloat();
        }

        @Override
        public boolean isCostly() {
            return costly;
        }
    }

    private static List<Batch> all(TrainingExamples examples, Random random) {
        List<Batch> batches = new ArrayList<>();
        try (BatchLoader loader = new BatchLoader(examples, INDICES, new ClassBalance(examples), random)) {
            loader.forEachRemaining(batches::add);
            assertFalse(loader.hasNext());
        }
        return batches;
    }

    @Test
    void aThreadThatIsAheadMakesTheSameBatches() {
        List<Batch> expected = all(new Examples(false), new Random(7));
        List<Batch> actual = all(new Examples(true), new Random(7));

        assertEquals(3, actual.size());
        for (int i = 0; i < 3; i++) {
            assertEquals(INDICES.get(i).size(), actual.get(i).size());
            assertArrayEquals(expected.get(i).inputs(), actual.get(i).inputs());
            assertArrayEquals(expected.get(i).targets(), actual.get(i).targets());
        }
        assertTrue(expected.getFirst().inputs()[1] > 0, "random numbers were used");
    }

    @Test
    void withoutRandomNumbersNothingIsChangedOrMixed() {
        Batch first = all(new Examples(true), null).getFirst();
        assertArrayEquals(new float[] {2, 0, 0, 0, 1, 0}, first.inputs());
        assertArrayEquals(new float[] {1, 0, 1, 0, 0, 1}, first.targets());
    }

    @Test
    void isAtMostOneBatchAhead() {
        Examples examples = new Examples(true);
        try (BatchLoader loader = new BatchLoader(examples, INDICES, new ClassBalance(examples), null)) {
            loader.next();
        }
        assertEquals(5, examples.written.get(), "the first batch and the one after it");
    }

    @Test
    void anImageThatCannotBeReadIsAnErrorOfTheReader() {
        Examples broken = new Examples(true) {
            @Override
            public void write(int index, Random random, float[] target, int offset) {
                throw new IllegalArgumentException("image " + index + " is damaged");
            }
        };
        try (BatchLoader loader = new BatchLoader(broken, INDICES, new ClassBalance(broken), null)) {
            assertEquals(
                    "image 2 is damaged",
                    assertThrows(IllegalArgumentException.class, loader::next).getMessage());
        }
    }
}
