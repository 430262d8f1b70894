package dev.loupe.vision.training;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Results of tasks that other threads compute. */
public final class Workers {
    private Workers() {}

    /**
     * Waits for a task.
     *
     * @param what what it computes, for the message of a failure that is not a runtime exception
     * @throws RuntimeException the one that the task has thrown
     */
    public static <T> T result(Future<T> task, String what) {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof OutOfMemoryError cause) {
                throw cause;
            }
            throw new IllegalStateException(what + ": " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for: " + what);
        }
    }
}
