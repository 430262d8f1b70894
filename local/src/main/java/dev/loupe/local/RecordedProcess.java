package dev.loupe.local;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process that a stack started. Its start time distinguishes it from a later process with the same id.
 *
 * @param name for people
 * @param pid number
 * @param startedMillis when it started, in milliseconds since 1970
 */
record RecordedProcess(String name, long pid, long startedMillis) {

    static RecordedProcess of(String name, ProcessHandle process) {
        return new RecordedProcess(
                name,
                process.pid(),
                process.info().startInstant().orElseGet(Instant::now).toEpochMilli());
    }

    /** The process itself, if it still runs. */
    Optional<ProcessHandle> alive() {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(process -> process.info()
                .startInstant()
                // The system counts from its boot, whose time is only known to about a second.
                .filter(start -> Math.abs(start.toEpochMilli() - startedMillis) < 2_000)
                .isPresent());
    }

    /** Asks the process and its descendants to end, and kills them after the timeout. */
    static void end(ProcessHandle process, Duration patience) {
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroy();
        awaitOrKill(List.of(process), patience);
        // A service ends its children itself; those that are left have lost their parent.
        descendants.forEach(ProcessHandle::destroy);
        awaitOrKill(descendants, patience);
    }

    private static void awaitOrKill(List<ProcessHandle> processes, Duration patience) {
        Stream<CompletableFuture<ProcessHandle>> exits = processes.stream().map(ProcessHandle::onExit);
        CompletableFuture.allOf(exits.toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, patience.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        processes.stream().filter(ProcessHandle::isAlive).forEach(left -> {
            left.destroyForcibly();
            left.onExit().join();
        });
    }
}
