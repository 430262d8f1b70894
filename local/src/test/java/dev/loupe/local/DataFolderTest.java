package dev.loupe.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.cli.CommandException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real processes: an earlier stack's are ended, anybody else's never. */
class DataFolderTest {
    private final List<String> notes = new ArrayList<>();
    private final StackListener listener = new StackListener() {
        @Override
        public void note(String sentence) {
            notes.add(sentence);
        }

        @Override
        public void ready(Server server, Duration took) {}

        @Override
        public void problem(Server server, String sentence) {}
    };

    @TempDir
    private Path path;

    private Process process;

    @AfterEach
    void endProcess() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private Process sleeper() throws Exception {
        process = new ProcessBuilder("sleep", "300").start();
        return process;
    }

    @Test
    void aSecondStackOnTheSameFolderIsToldWhoUsesIt() throws Exception {
        try (DataFolder folder = DataFolder.open(path)) {
            assertTrue(DataFolder.isLocked(folder.path()));

            CommandException refused = assertThrows(CommandException.class, () -> DataFolder.open(path));

            String owner = Long.toString(ProcessHandle.current().pid());
            assertTrue(refused.getMessage().contains("process " + owner), refused.getMessage());
            assertTrue(refused.getMessage().contains("--data"), refused.getMessage());
        }
        assertFalse(DataFolder.isLocked(path));
        DataFolder.open(path).close();
    }

    @Test
    void whatAKilledStackLeftRunningIsEnded() throws Exception {
        Process left = sleeper();
        leave(RecordedProcess.of("dataset-service", left.toHandle()));

        try (DataFolder folder = DataFolder.open(path)) {
            folder.endLeftovers(listener);
        }

        assertFalse(left.isAlive());
        assertEquals(1, notes.size());
        assertTrue(notes.getFirst().contains("dataset-service"), notes.getFirst());
    }

    @Test
    void aProcessThatGotTheNumberOfAnEndedOneIsLeftAlone() throws Exception {
        Process other = sleeper();
        RecordedProcess its = RecordedProcess.of("dataset-service", other.toHandle());
        leave(new RecordedProcess(its.name(), its.pid(), its.startedMillis() - 60_000));

        try (DataFolder folder = DataFolder.open(path)) {
            folder.endLeftovers(listener);
        }

        assertTrue(other.isAlive());
        assertEquals(List.of(), notes);
    }

    /** As a stack does that is killed: it records, and never closes. */
    private void leave(RecordedProcess left) throws Exception {
        try (DataFolder folder = DataFolder.open(path)) {
            folder.record(left);
            Files.copy(path.resolve("processes.json"), path.resolve("kept"));
        }
        Files.move(path.resolve("kept"), path.resolve("processes.json"));
    }

    @Test
    void freshStartDeletesWhatStacksKeepAndNothingElse() throws Exception {
        Files.createDirectories(path.resolve("devstack/postgres"));
        Files.writeString(path.resolve("devstack/postgres/file"), "old");
        Files.writeString(path.resolve("thesis.txt"), "mine");

        try (DataFolder folder = DataFolder.open(path)) {
            folder.clear();
        }

        assertFalse(Files.exists(path.resolve("devstack")));
        assertEquals("mine", Files.readString(path.resolve("thesis.txt")));
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws Exception {
        Path file = Files.writeString(path.resolve("file"), "no folder");

        CommandException refused = assertThrows(CommandException.class, () -> DataFolder.open(file.resolve("data")));

        assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
        assertTrue(refused.getMessage().contains("--data"), refused.getMessage());
    }
}
