package dev.loupe.trainer;

import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the output of this process to a file, and stores the file in object storage when the process exits: a pod may
 * be gone before its log is read.
 */
final class AttemptLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptLog.class);

    private final Path file;
    private final ObjectLocation location;

    private final PrintStream out = System.out;
    private final PrintStream err = System.err;

    /** Redirects both output streams of the process to the original stream and to the file. */
    AttemptLog(TrainerSpec spec, String name, Path folder) throws IOException {
        file = folder.resolve("log");
        location = new ObjectLocation(
                spec.output().bucket(),
                spec.output().prefix() + "attempts/" + spec.attempt() + "/logs/" + name + ".log");
        OutputStream copy = new BufferedOutputStream(Files.newOutputStream(file));
        System.setOut(both(out, copy));
        System.setErr(both(err, copy));
    }

    private static PrintStream both(PrintStream one, OutputStream other) {
        OutputStream tee = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                one.write(bytes, offset, length);
                synchronized (other) {
                    other.write(bytes, offset, length);
                }
            }

            @Override
            public void flush() throws IOException {
                one.flush();
                synchronized (other) {
                    other.flush();
                }
            }
        };
        return new PrintStream(tee, true, StandardCharsets.UTF_8);
    }

    /** Stores what was written so far. A failure is only logged, because the attempt ends in any case. */
    void store(ObjectStore store) {
        System.out.flush();
        try {
            store.put(location, file, "text/plain");
        } catch (StorageException e) {
            LOG.warn("the log is not kept: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        System.setOut(out);
        System.setErr(err);
    }
}
