package dev.loupe.trainer;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * The file {@code trainer.pid} by which a trainer claims its attempt and by which the service finds it again: its pid and
 * when it started. It appears whole, and once: of two trainers that were started for one attempt, one goes on.
 */
final class Claim {
    static final String FILE = "trainer.pid";

    private Claim() {}

    /** Whether the attempt is ours now. */
    static boolean take(Path workDirectory) throws IOException {
        ProcessHandle self = ProcessHandle.current();
        Instant startedAt = self.info().startInstant().orElseGet(Instant::now);
        Files.createDirectories(workDirectory);
        Path draft = Files.createTempFile(workDirectory, "claim", ".draft");
        try {
            Files.writeString(draft, self.pid() + " " + startedAt + "\n");
            Files.createLink(workDirectory.resolve(FILE), draft); // fails if there is one, in one step
            return true;
        } catch (FileAlreadyExistsException _) {
            return false;
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
