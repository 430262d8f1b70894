package dev.loupe.dataset.upload;

import dev.loupe.dataset.image.ImageIntake.Outcome;
import dev.loupe.imaging.DecoderBusyException;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** Retries an action while the memory for decoding is in use, for a limited time. */
final class DecoderMemoryRetry {
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration MAX_WAIT = Duration.ofSeconds(20);

    private DecoderMemoryRetry() {}

    /**
     * Runs the action until no image is rejected for lack of memory.
     *
     * @throws ServiceException {@code OVERLOADED} if memory was lacking for 20 seconds
     */
    static List<Outcome> retry(ImportDeadline deadline, Supplier<List<Outcome>> action) {
        long end = System.nanoTime() + MAX_WAIT.toNanos();
        while (true) {
            try {
                List<Outcome> outcomes = action.get();
                if (outcomes.stream()
                        .noneMatch(outcome ->
                                outcome instanceof Outcome.Refused refused && refused.code() == ErrorCode.OVERLOADED)) {
                    return outcomes;
                }
            } catch (DecoderBusyException _) {
                // retried below
            } catch (ServiceException e) {
                if (e.code() != ErrorCode.OVERLOADED) {
                    throw e;
                }
            }
            if (System.nanoTime() - end > 0) {
                throw new ServiceException(
                        ErrorCode.OVERLOADED, "other images hold the memory for decoding; retry the import later");
            }
            pause(deadline);
        }
    }

    private static void pause(ImportDeadline deadline) {
        deadline.throwIfEnded();
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
