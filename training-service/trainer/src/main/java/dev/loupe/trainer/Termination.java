package dev.loupe.trainer;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Ends the process, either by itself or on request (SIGTERM). On request, the process gets time to reach a safe point,
 * and exits with its own code instead of the JVM's 143. The launcher kills it if that takes too long.
 */
final class Termination {
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<Runnable> request = new AtomicReference<>(() -> {});
    private volatile boolean requested;
    private volatile int exitCode;

    /** Installs the shutdown hook: from here on the process exits only through {@link #end}, or is killed. */
    static Termination ofThisProcess() {
        Termination termination = new Termination();
        Runtime.getRuntime().addShutdownHook(new Thread(termination::await, "termination"));
        return termination;
    }

    /** Sets the action for a request to end. Runs it at once if the request has already been made. */
    void onRequest(Runnable action) {
        request.set(action);
        if (requested) {
            action.run();
        }
    }

    /** Ends the process with this exit code. */
    void end(int code) {
        exitCode = code;
        ended.countDown();
        System.exit(code); // does not return, even if the hook is already running
    }

    private void await() {
        requested = true;
        request.get().run();
        try {
            ended.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(exitCode);
    }
}
