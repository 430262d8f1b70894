package dev.loupe.training.run;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;

/** Wakes threads that wait for a run to change. Only a hint: changes by other replicas are not signalled. */
@ApplicationScoped
class RunChanges {
    private long count;

    synchronized void on(@Observes(during = TransactionPhase.AFTER_SUCCESS) RunChanged change) {
        count++;
        notifyAll();
    }

    /** The number of changes so far. Read it before reading the state to wait on. */
    synchronized long count() {
        return count;
    }

    /** Waits until the number of changes exceeds {@code seen}, but not longer than {@code most}. */
    synchronized void await(long seen, Duration most) throws InterruptedException {
        long deadline = System.nanoTime() + most.toNanos();
        for (long left = most.toNanos(); count == seen && left > 0; left = deadline - System.nanoTime()) {
            wait(left / 1_000_000 + 1);
        }
    }
}
