package dev.loupe.trainer;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * How the process ends: by itself, or asked to (SIGTERM). Asked to, it is given the time to come to a safe place, and ends
 * with an exit code of its own in place of the JVM's 143. The launcher kills it when that takes too long.
 */
final class Termination {
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<Runnable> request = new AtomicReference<>(() -> {});
    private volatile boolean requested;
    private volatile int exitCode;

    /** From here on the process ends only when it says so itself, or is killed. */
    static Termination ofThisProcess() {
        Termination termination = new Termination();
        Runtime.getRuntime().addShutdownHook(new Thread(termination::await, "termination"));
        return termination;
    }

    /** What to do when the process is asked to end, or has been by now. */
    void onRequest(Runnable action) {
        request.set(action);
        if (requested) {
            action.run();
        }
    }

    /** Ends the process. */
    void end(int code) {
        exitCode = code;
        ended.countDown();
        System.exit(code); // does not return, also where the hook is running already
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
