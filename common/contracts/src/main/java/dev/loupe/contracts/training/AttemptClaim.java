package dev.loupe.contracts.training;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * The file {@code trainer.pid}, with which a trainer claims its attempt and by which the service finds the trainer: its
 * pid and its start time (ISO 8601), separated by a space. It is created atomically and at most once, so of two
 * trainers started for one attempt, only one continues.
 */
public final class AttemptClaim {
    /** Name of the file in the work directory of the attempt. */
    public static final String FILE = "trainer.pid";

    private AttemptClaim() {}

    /** Claims the attempt for this process. Returns false if another trainer has claimed it. */
    public static boolean tryClaim(Path workDirectory) throws IOException {
        ProcessHandle self = ProcessHandle.current();
        Instant startedAt = self.info().startInstant().orElseGet(Instant::now);
        Files.createDirectories(workDirectory);
        Path draft = Files.createTempFile(workDirectory, "claim", ".draft");
        try {
            Files.writeString(draft, self.pid() + " " + startedAt + "\n");
            Files.createLink(workDirectory.resolve(FILE), draft); // atomic; fails if the file exists
            return true;
        } catch (FileAlreadyExistsException _) {
            return false;
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
