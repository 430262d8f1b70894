package dev.loupe.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.FileUtils;

/**
 * Copies of the built programs in {@code target/run}. The next build replaces the jars in the folders of the modules, and
 * a JVM fails unpredictably when its jars are replaced.
 */
final class Installation {
    private final Path home;
    private final Path folder;

    Installation(Path home) {
        this.home = home;
        this.folder = home.resolve("target/run");
    }

    Path folder() {
        return folder;
    }

    /** Class path of a plain program. */
    String program(String module) throws IOException {
        List<Path> kept = new ArrayList<>();
        for (Path jar : new BuiltModule(home, module).program()) {
            // What comes from the Maven repository is never replaced.
            kept.add(jar.startsWith(home) ? keep(jar, folder.resolve("lib")) : jar);
        }
        return join(kept);
    }

    /** Jar that starts a service. */
    String service(String module) throws IOException {
        Path built = new BuiltModule(home, module).service();
        Path own = folder.resolve(module.replace('/', '-'));
        for (File file : FileUtils.listFiles(built.toFile(), null, true)) {
            keep(file.toPath(), own.resolve(built.relativize(file.toPath())).getParent());
        }
        return own.resolve(BuiltModule.SERVICE_JAR).toString();
    }

    private static Path keep(Path jar, Path folder) throws IOException {
        Path kept = folder.resolve(jar.getFileName());
        if (Files.exists(kept)
                && Files.size(kept) == Files.size(jar)
                && Files.getLastModifiedTime(kept).equals(Files.getLastModifiedTime(jar))) {
            return kept;
        }
        Files.createDirectories(folder);
        // An atomic move: a process that has the old file open keeps it.
        Path next = Files.createTempFile(folder, "next", ".tmp");
        Files.copy(jar, next, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        return Files.move(next, kept, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String join(List<Path> entries) {
        return String.join(
                File.pathSeparator, entries.stream().map(Path::toString).toList());
    }
}
