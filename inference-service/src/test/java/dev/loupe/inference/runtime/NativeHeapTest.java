package dev.loupe.inference.runtime;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.loupe.inference.SmallModels;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Precision;
import dev.loupe.model.Predictor;
import dev.loupe.model.onnx.OnnxSession.WorkingMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeHeapTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final long MEBIBYTE = 1 << 20;
    private static final int SIZE = 16;
    private static final int MODELS = 10;
    /** Growth of the Java heap, of its compiler and of caches, which is none of the models'. */
    private static final long OTHERS = 48 * MEBIBYTE;

    @TempDir
    Path folder;

    @Test
    void measuredSizesAreThoseOfTheResidentSet() throws IOException {
        assumeTrue(NativeHeap.allocated().isPresent() && Files.exists(STATUS), "needs glibc and Linux");
        ModelPackage heavy = ModelPackage.open(SmallModels.heavyClassifier(folder, 1, SIZE));
        List<Predictor> loaded = new ArrayList<>();
        try {
            loaded.add(load(heavy)); // what the first one brings along is of the process
            long resident = resident();
            long[] allocations = new long[MODELS];
            long[] growths = new long[MODELS];
            for (int i = 0; i < MODELS; i++) {
                long allocatedBefore = NativeHeap.allocated().orElseThrow();
                long residentBefore = resident();
                loaded.add(load(heavy));
                NativeHeap.trim(); // as ModelLoader does
                allocations[i] = NativeHeap.allocated().orElseThrow() - allocatedBefore;
                growths[i] = resident() - residentBefore;
            }
            // Of a median: what earlier tests leave is freed at some time.
            long measured = MODELS * median(allocations);
            long grown = MODELS * median(growths);

            String figures = "measured %d MiB, resident %d MiB".formatted(measured / MEBIBYTE, grown / MEBIBYTE);
            assertTrue(measured > 0.9 * MODELS * SIZE * MEBIBYTE, figures);
            assertTrue(grown < 1.5 * measured + OTHERS, figures);
            assertTrue(grown > measured / 1.5 - OTHERS, figures);

            for (Predictor predictor : loaded.subList(1, loaded.size())) {
                predictor.close();
            }
            loaded.subList(1, loaded.size()).clear();
            NativeHeap.trim();
            assertTrue(resident() - resident < measured / 2 + OTHERS, "unloaded models leave: " + resident());
        } finally {
            loaded.forEach(Predictor::close);
        }
    }

    private static long median(long[] values) {
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static Predictor load(ModelPackage heavy) {
        Predictor predictor = Predictor.open(heavy, Precision.FP32, 1, WorkingMemory.RELEASED);
        predictor.verifyParity();
        return predictor;
    }

    private static long resident() throws IOException {
        return Files.readAllLines(STATUS).stream()
                        .filter(line -> line.startsWith("RssAnon:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                << 10;
    }
}
