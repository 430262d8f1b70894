package dev.loupe.local;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.cli.server.Json;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.FileUtils;

/**
 * The folder of one stack: {@code devstack/} (the servers' data), {@code runs/} (trainers), {@code models/} (cache of
 * inference-service), {@code log/}, {@code tmp/}, {@code demo/}, {@code secrets.json}. Locked while in use. It remembers the processes that were started
 * on it, so that exactly the processes that an earlier stack left behind can be ended.
 *
 * <p>Thread-safe.
 */
final class DataFolder implements AutoCloseable {
    private static final long MIN_BYTES = 500L << 20;
    private static final String PROCESSES = "processes.json";
    static final String TEMPORARY = "tmp";
    private static final List<String> CONTENTS =
            List.of("devstack", "runs", "models", "log", "demo", TEMPORARY, Endpoints.FILE, Secrets.FILE);

    private final Path path;
    private final FileChannel channel;
    private final Map<String, RecordedProcess> processes = new LinkedHashMap<>();

    private DataFolder(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** @throws CommandException if another stack uses it, it can't be written, or its disk is full */
    static DataFolder open(Path path) {
        try {
            Files.createDirectories(path.resolve("log"));
            long free = Files.getFileStore(path).getUsableSpace();
            if (free < MIN_BYTES) {
                throw new CommandException("the disk of " + path + " is full: " + (free >> 20) + " MB are left, and "
                        + (MIN_BYTES >> 20) + " MB are needed. Free some, or use another disk with --data FOLDER");
            }
            return lock(path);
        } catch (IOException failed) {
            throw new CommandException(
                    "can't write to " + path + " (" + failed.getMessage() + "): use another folder with --data FOLDER",
                    failed);
        }
    }

    private static DataFolder lock(Path path) throws IOException {
        FileChannel channel = FileChannel.open(
                path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException ofThisProcess) {
            lock = null;
        }
        if (lock == null) {
            String owner = Files.readString(path.resolve("lock")).strip();
            channel.close();
            throw new CommandException("Loupe runs already on " + path + " (process " + owner
                    + "). Use that one: its addresses are in " + path.resolve(Endpoints.FILE) + "; or end it with "
                    + "Ctrl-C in its window or kill " + owner + "; or run another with --data FOLDER and other ports");
        }
        channel.truncate(0);
        channel.write(
                ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
        return new DataFolder(path, channel);
    }

    static boolean isLocked(Path path) {
        Path file = path.resolve("lock");
        if (!Files.exists(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        } catch (OverlappingFileLockException ofThisProcess) {
            return true;
        } catch (IOException unreadable) {
            return false;
        }
    }

    Path path() {
        return path;
    }

    Path logFile(Server server) {
        return path.resolve("log").resolve(server.label() + ".log");
    }

    /** Ends processes that a killed stack left running, and reports them. */
    void endLeftovers(StackListener listener) throws IOException {
        endRecorded(listener);
        endTrainers(listener);
    }

    /** Trainers outlive the service: each has written its process id and start time into its folder. */
    void endTrainers(StackListener listener) {
        Path runs = path.resolve("runs");
        if (!Files.isDirectory(runs)) {
            return;
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(runs, "loupe-run-*")) {
            for (Path folder : folders) {
                Path claim = folder.resolve("trainer.pid");
                if (Files.exists(claim)) {
                    String[] words = Files.readString(claim).strip().split(" ");
                    long startedMillis = Instant.parse(words[1]).toEpochMilli();
                    new RecordedProcess("trainer", Long.parseLong(words[0]), startedMillis)
                            .alive()
                            .ifPresent(trainer -> RecordedProcess.end(trainer, Duration.ofSeconds(10)));
                }
            }
        } catch (IOException | RuntimeException unreadable) {
            listener.note("can't tell whether trainers still run in " + runs + ": " + unreadable.getMessage());
        }
    }

    private void endRecorded(StackListener listener) throws IOException {
        Path file = path.resolve(PROCESSES);
        if (!Files.exists(file)) {
            return;
        }
        for (JsonNode entry : Json.read(Files.readString(file))) {
            RecordedProcess recorded = new RecordedProcess(
                    entry.path("name").asText(),
                    entry.path("pid").asLong(),
                    entry.path("startedMillis").asLong());
            recorded.alive().ifPresent(process -> {
                listener.note("An earlier Loupe was killed and left its " + recorded.name() + " running (process "
                        + recorded.pid() + "): it is ended now.");
                RecordedProcess.end(process, Duration.ofSeconds(10));
            });
        }
        Files.delete(file);
    }

    /** Deletes the data of stacks, and no other file in the folder. */
    void clear() throws IOException {
        for (String name : CONTENTS) {
            File one = path.resolve(name).toFile();
            if (one.exists()) {
                FileUtils.forceDelete(one);
            }
        }
        Files.createDirectories(path.resolve("log"));
    }

    /** Records a process, in place of an earlier one of that name. */
    synchronized void record(RecordedProcess process) throws IOException {
        processes.put(process.name(), process);
        Path next = path.resolve(PROCESSES + ".next");
        Files.writeString(next, Json.of(new ArrayList<>(processes.values())).toPrettyString());
        Files.move(next, path.resolve(PROCESSES), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Ends the recorded process of that name if it still runs. */
    synchronized void endIfAlive(String name) {
        RecordedProcess process = processes.get(name);
        if (process != null) {
            process.alive().ifPresent(left -> RecordedProcess.end(left, Duration.ofSeconds(10)));
        }
    }

    /** Releases the folder, after everything that was started on it has ended. */
    @Override
    public synchronized void close() throws IOException {
        Files.deleteIfExists(path.resolve(PROCESSES));
        Files.deleteIfExists(path.resolve(Endpoints.FILE));
        channel.close();
    }
}
