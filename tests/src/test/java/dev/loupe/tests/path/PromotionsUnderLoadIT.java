package dev.loupe.tests.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.cli.server.Connection;
import dev.loupe.local.Server;
import dev.loupe.tests.path.DrawnSurface.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Callers predict without a pause while a promotion or a rollback follows every five seconds: no request fails, and the memory
 * of inference-service does not grow but for garbage. Ten minutes; {@code loupe.load.minutes} is another length, at least 4.
 */
@Tag("long")
@ExtendWith(RunningStack.class)
class PromotionsUnderLoadIT {
    private static final int MINUTES = Integer.getInteger("loupe.load.minutes", 10);
    private static final int CALLERS = 4;
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final int PER_MINUTE = 12;
    /** Greatest growth of the resident memory between the third minute and the end, after garbage was collected. */
    private static final double GROWTH = 0.1;

    private final AtomicLong answered = new AtomicLong();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final Set<Integer> versions = ConcurrentHashMap.newKeySet();

    @BeforeAll
    static void teach() throws IOException {
        TrainedProject.toPromote();
    }

    @Test
    @Timeout(2 * 60 * 60)
    void noRequestFailsAndMemoryStays() throws Exception {
        long early = 0;
        long late;
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int caller = 0; caller < CALLERS; caller++) {
                callers.execute(() -> predict(over));
            }
            try {
                Connection loupe = RunningStack.loupe();
                for (int move = 0; move < MINUTES * PER_MINUTE; move++) {
                    if (move % 2 == 0) {
                        loupe.models().promote(TrainedProject.TO_PROMOTE, "production", 2, true, "load");
                    } else {
                        loupe.models().rollback(TrainedProject.TO_PROMOTE, "production");
                    }
                    Thread.sleep(PAUSE);
                    if (move == 3 * PER_MINUTE) {
                        early = residentMebibytes();
                    }
                }
                late = residentMebibytes();
            } finally {
                over.set(true);
            }
        }
        assertEquals(List.of(), List.copyOf(wrong));
        assertEquals(Set.of(1, 2), versions);
        String figures =
                "%d promotions and rollbacks, %d predictions, %d failed; resident memory %d MiB in the third minute, %d MiB at the end"
                        .formatted(MINUTES * PER_MINUTE, answered.get(), wrong.size(), early, late);
        System.out.println(figures);
        assertTrue(late <= early * (1 + GROWTH), figures);
    }

    private void predict(AtomicBoolean over) {
        byte[] image = DrawnSurface.png(1, Kind.DOTTED);
        while (!over.get()) {
            try {
                versions.add(RunningStack.loupe()
                        .predictions()
                        .classify(TrainedProject.TO_PROMOTE, "", image)
                        .getProvenance()
                        .getVersion());
                answered.incrementAndGet();
            } catch (RuntimeException e) {
                wrong.add(e.toString());
            }
        }
    }

    private static long residentMebibytes() throws IOException, InterruptedException {
        return ResidentMemory.mebibytes(
                RunningStack.stack().process(Server.INFERENCE).pid());
    }
}
