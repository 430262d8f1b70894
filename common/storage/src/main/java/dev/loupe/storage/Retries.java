package dev.loupe.storage;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.function.CheckedPredicate;
import dev.failsafe.function.CheckedRunnable;
import dev.failsafe.function.CheckedSupplier;
import java.io.UncheckedIOException;
import java.time.Duration;

/** Retries an operation after transient failures, with jitter, and finally throws an exception. */
final class Retries {
    private final RetryPolicy<Object> policy;

    /**
     * @param most maximum number of retries after the first attempt
     * @param isTransient whether a retry may succeed after this failure
     */
    Retries(int most, CheckedPredicate<Throwable> isTransient) {
        policy = RetryPolicy.builder()
                .handleIf(isTransient)
                .withMaxRetries(most)
                .withBackoff(Duration.ofMillis(100), Duration.ofSeconds(5))
                .withJitter(0.5)
                .build();
    }

    void run(String what, CheckedRunnable action) {
        call(what, () -> {
            action.run();
            return null;
        });
    }

    <T> T call(String what, CheckedSupplier<T> action) {
        try {
            return Failsafe.with(policy).get(action);
        } catch (StorageException e) {
            throw e;
        } catch (FailsafeException e) {
            throw new StorageException("could not " + what + ": " + e.getCause().getMessage(), e.getCause());
        } catch (UncheckedIOException e) {
            throw new StorageException("could not " + what + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new StorageException("could not " + what + ": " + e, e);
        }
    }
}
