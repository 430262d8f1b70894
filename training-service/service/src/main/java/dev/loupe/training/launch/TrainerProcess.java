package dev.loupe.training.launch;

import dev.loupe.contracts.training.AttemptClaim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The process that has claimed a job, as {@link AttemptClaim} wrote it to the job's folder.
 *
 * @param pid pid of the process
 * @param startedAt start time of the process, which distinguishes it from a later one with the same pid
 */
record TrainerProcess(long pid, Instant startedAt) {
    /** Process start times are relative to the boot time, which has a resolution of a second and may be corrected. */
    private static final Duration TOLERANCE = Duration.ofSeconds(3);

    static Optional<TrainerProcess> read(Path folder) throws IOException {
        try {
            String[] words =
                    Files.readString(folder.resolve(AttemptClaim.FILE)).strip().split(" ");
            return Optional.of(new TrainerProcess(Long.parseLong(words[0]), Instant.parse(words[1])));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    /** The process, if it still runs. */
    Optional<ProcessHandle> handle() {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(process -> process.info()
                        .startInstant()
                        .map(start -> Duration.between(start, startedAt).abs().compareTo(TOLERANCE) < 0)
                        .orElse(true))
                // A zombie process is still listed, but no longer has a command.
                .filter(process -> process.info().command().isPresent());
    }
}
