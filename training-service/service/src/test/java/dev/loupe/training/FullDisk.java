package dev.loupe.training;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system of a megabyte in memory, full to the last byte; needs the right to mount. */
public final class FullDisk implements AutoCloseable {
    private final Path folder;

    private FullDisk(Path folder) {
        this.folder = folder;
    }

    /** Mounts it on a new folder; a test that may not mount is skipped. */
    public static FullDisk mount() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "disk");
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.toString()), "skipped: may not mount");
        FullDisk disk = new FullDisk(folder);
        disk.fill();
        return disk;
    }

    public Path folder() {
        return folder;
    }

    private Path ballast() {
        return folder.resolve("ballast");
    }

    public void fill() throws IOException {
        try {
            Files.write(ballast(), new byte[2 << 20]);
        } catch (IOException _) {
            // full now
        }
    }

    /** Makes room. */
    public void empty() throws IOException {
        Files.deleteIfExists(ballast());
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException _) {
            return false; // there is no such program
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        run("umount", "-l", folder.toString());
    }
}
