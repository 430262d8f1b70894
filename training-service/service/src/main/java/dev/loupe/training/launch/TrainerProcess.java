package dev.loupe.training.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A trainer's claim on its job: the file that it puts into the job's folder as its first act, in one step and only if no
 * other trainer did so before.
 *
 * @param pid of the process
 * @param startedAt when the process started, which tells it from a later one with the same pid
 */
record TrainerProcess(long pid, Instant startedAt) {
    /** Name of the file in the job's folder: pid and start (ISO 8601), one space between. */
    static final String FILE = "trainer.pid";

    /** The boot time, of which process starts are counted, is known to the second only and may be corrected. */
    private static final Duration TOLERANCE = Duration.ofSeconds(3);

    static Optional<TrainerProcess> read(Path folder) throws IOException {
        try {
            String[] words = Files.readString(folder.resolve(FILE)).strip().split(" ");
            return Optional.of(new TrainerProcess(Long.parseLong(words[0]), Instant.parse(words[1])));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    /** The process, if it is still there. */
    Optional<ProcessHandle> handle() {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(process -> process.info()
                        .startInstant()
                        .map(start -> Duration.between(start, startedAt).abs().compareTo(TOLERANCE) < 0)
                        .orElse(true))
                // A zombie process is still listed, but has no program any more.
                .filter(process -> process.info().command().isPresent());
    }
}
