package dev.loupe.vision.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderCheckpointsTest {
    @TempDir
    Path folder;

    private FolderCheckpoints checkpoints;

    @BeforeEach
    void open() {
        checkpoints = new FolderCheckpoints(folder.resolve("checkpoints"));
    }

    private Path state(String content) throws IOException {
        Path state = Files.createTempDirectory(folder, "state");
        Files.writeString(state.resolve("weights"), content);
        return state;
    }

    @Test
    void atFirstThereIsNone() {
        assertTrue(checkpoints.latest().isEmpty());
    }

    @Test
    void theLatestIsFoundByAnotherAttemptAndEarlierOnesAreDeleted() throws IOException {
        checkpoints.save("epoch 1", state("one"));
        checkpoints.save("epoch 2", state("two"));
        Checkpoint latest =
                new FolderCheckpoints(folder.resolve("checkpoints")).latest().orElseThrow();
        assertEquals("epoch 2", latest.name());
        assertEquals("two", Files.readString(latest.folder().resolve("weights")));
        try (Stream<Path> children = Files.list(folder.resolve("checkpoints"))) {
            assertEquals(2, children.count());
        }
    }

    @Test
    void aSaveThatFailsLeavesThePreviousOne() throws IOException {
        checkpoints.save("epoch 1", state("one"));
        assertThrows(UncheckedIOException.class, () -> checkpoints.save("epoch 2", folder.resolve("absent")));
        assertEquals("epoch 1", checkpoints.latest().orElseThrow().name());
    }
}
