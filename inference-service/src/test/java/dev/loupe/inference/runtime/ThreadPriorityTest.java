package dev.loupe.inference.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThreadPriorityTest {
    /** Of {@code proc_pid_stat(5)}, behind the name in brackets. */
    private static final int NICE = 16;

    @Test
    void theCallingThreadAloneHasLessPriority() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/thread-self/stat")), "skipped: threads have priorities on Linux alone");
        int before = nice();
        CompletableFuture<Integer> lowered = new CompletableFuture<>();

        Thread.ofPlatform().start(() -> {
            ThreadPriority.lower(ThreadPriority.SHADOW);
            lowered.complete(nice());
        });

        assertEquals(ThreadPriority.SHADOW, lowered.get(10, TimeUnit.SECONDS));
        assertEquals(before, nice());
    }

    private static int nice() {
        try {
            String stat = Files.readString(Path.of("/proc/thread-self/stat"));
            return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[NICE]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
