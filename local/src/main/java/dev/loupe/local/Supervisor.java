package dev.loupe.local;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.loupe.cli.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * Restarts a server that ended by itself, and reports why it ended. After a short run the delay before the restart grows;
 * after several short runs in a row the server is not restarted. While the disk is full, no server is restarted.
 */
final class Supervisor {

    /** How a server is run. */
    interface Runner {
        /** The server's process at present. */
        Process process(Server server);

        /**
         * Starts it, and returns when it answers.
         *
         * @throws CommandException when it does not
         */
        void start(Server server) throws IOException;

        Path logFile(Server server);
    }

    /**
     * Delays and limits of restarts.
     *
     * @param quick a server that ends sooner after its start has ended quickly
     * @param first delay after a quick end; it doubles with each one that follows
     * @param longest delay
     * @param attempts quick ends in a row after which a server is not started again
     */
    record Patience(Duration quick, Duration first, Duration longest, int attempts) {
        static final Patience DEFAULT =
                new Patience(Duration.ofSeconds(60), Duration.ofSeconds(1), Duration.ofSeconds(30), 8);
    }

    /** Below it PostgreSQL and Kafka can't recover. */
    private static final long MIN_BYTES = 64L << 20;

    private final Runner runner;
    private final StackListener listener;
    private final BooleanSupplier closing;
    private final Path disk;
    private final Patience patience;

    /**
     * @param closing whether servers end because they were asked to
     * @param disk folder that the servers write to
     */
    Supervisor(Runner runner, StackListener listener, BooleanSupplier closing, Path disk, Patience patience) {
        this.runner = runner;
        this.listener = listener;
        this.closing = closing;
        this.disk = disk;
        this.patience = patience;
    }

    /** Watches a running server. */
    void watch(Server server) {
        AtomicReference<Process> ended = new AtomicReference<>();
        Thread.ofVirtual().name("supervisor-" + server.label()).start(() -> keepRunning(server, ended));
    }

    /** @param ended the last process whose end was reported */
    private void keepRunning(Server server, AtomicReference<Process> ended) {
        RetryPolicy<Object> policy = RetryPolicy.builder()
                .handle(QuickEndException.class)
                .withBackoff(patience.first(), patience.longest())
                .withMaxAttempts(patience.attempts())
                .abortIf((_, _) -> closing.getAsBoolean())
                .build();
        try {
            while (!closing.getAsBoolean()) {
                // One that ran for long has succeeded: the next quick end is the first one.
                Failsafe.with(policy).run(() -> runUntilItEnds(server, ended));
            }
        } catch (QuickEndException last) {
            if (!closing.getAsBoolean()) {
                listener.problem(
                        server,
                        "ended " + patience.attempts() + " times in a row, and is not started again; the last time: "
                                + last.getMessage() + "\n" + ProblemLog.lastWords(runner.logFile(server))
                                + "\nIts log is " + runner.logFile(server));
            }
        } catch (FailsafeException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void runUntilItEnds(Server server, AtomicReference<Process> ended) throws InterruptedException {
        if (runner.process(server) == ended.get()) {
            startAgain(server, ended);
        }
        Process process = runner.process(server);
        Instant begin = process.info().startInstant().orElseGet(Instant::now);
        long killedBefore = ServerEnd.kernelKilled();
        int exitCode = process.waitFor();
        if (closing.getAsBoolean()) {
            return;
        }
        ended.set(process);
        String reason = ServerEnd.reason(exitCode, runner.logFile(server), ServerEnd.kernelKilled() - killedBefore);
        listener.problem(server, "ended: " + reason + ". It is started again.");
        if (Duration.between(begin, Instant.now()).compareTo(patience.quick()) < 0) {
            throw new QuickEndException(reason);
        }
    }

    private void startAgain(Server server, AtomicReference<Process> ended) {
        awaitSpace(server);
        if (closing.getAsBoolean()) {
            return;
        }
        try {
            runner.start(server);
        } catch (CommandException | IOException failed) {
            ended.set(runner.process(server));
            if (!closing.getAsBoolean()) {
                listener.problem(server, failed.getMessage());
            }
            throw new QuickEndException(failed.getMessage());
        }
    }

    private void awaitSpace(Server server) {
        if (usableBytes() >= MIN_BYTES) {
            return;
        }
        listener.problem(
                server,
                "waits: the disk of " + disk + " is full. It is started when " + (MIN_BYTES >> 20) + " MB are free.");
        RetryPolicy<Boolean> untilThereIsSpace = RetryPolicy.<Boolean>builder()
                .handleResult(false)
                .withDelay(patience.first())
                .withMaxAttempts(-1)
                .build();
        Failsafe.with(untilThereIsSpace).get(() -> closing.getAsBoolean() || usableBytes() >= MIN_BYTES);
    }

    private long usableBytes() {
        try {
            return Files.getFileStore(disk).getUsableSpace();
        } catch (IOException unknown) {
            return Long.MAX_VALUE;
        }
    }

    /** A server ended soon after its start, or did not start. */
    private static final class QuickEndException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        QuickEndException(String reason) {
            super(reason);
        }
    }
}
