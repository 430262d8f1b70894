package dev.loupe.training.run;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;

/** Wakes those who wait for a run to change. Only a hint: changes that other replicas make are not heard here. */
@ApplicationScoped
public class RunChanges {
    private long count;

    synchronized void on(@Observes(during = TransactionPhase.AFTER_SUCCESS) RunChanged change) {
        count++;
        notifyAll();
    }

    /** How many changes there were; to be read before the state that one then waits on. */
    public synchronized long count() {
        return count;
    }

    /** Waits until there are more changes than these, but not longer than this. */
    public synchronized void await(long seen, Duration most) throws InterruptedException {
        long deadline = System.nanoTime() + most.toNanos();
        for (long left = most.toNanos(); count == seen && left > 0; left = deadline - System.nanoTime()) {
            wait(left / 1_000_000 + 1);
        }
    }
}
