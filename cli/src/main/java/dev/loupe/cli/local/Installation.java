package dev.loupe.cli.local;

import dev.loupe.cli.CommandException;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The programs as they were built, in a place of their own: {@code target/run}. The next build replaces the jars in the
 * modules' folders, and a JVM whose jars are replaced under it fails in odd ways.
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

    /** Class path of a plain program: its module's jar, and what it needs. */
    String program(String module) throws IOException {
        Path target = home.resolve(module).resolve("target");
        List<Path> entries = new ArrayList<>(jars(target, module));
        Path needed = target.resolve("classpath");
        if (!Files.exists(needed)) {
            throw notBuilt(module);
        }
        Arrays.stream(Files.readString(needed).strip().split(File.pathSeparator))
                .map(Path::of)
                .forEach(entries::add);
        List<Path> kept = new ArrayList<>();
        for (Path entry : entries) {
            // What comes from the Maven repository is never replaced.
            kept.add(entry.startsWith(home) ? keep(entry, folder.resolve("lib")) : entry);
        }
        return join(kept);
    }

    /**
     * Class path of a service. Quarkus' own launcher loads classes by a loader whose classes no shared archive takes in;
     * on a plain class path, with an archive, a start costs 3.4 seconds of processor time in place of 5.7.
     */
    String service(String module) throws IOException {
        Path built = home.resolve(module).resolve("target/quarkus-app");
        if (!Files.exists(built.resolve("quarkus-run.jar"))) {
            throw notBuilt(module);
        }
        List<Path> kept = new ArrayList<>();
        // The order decides: Quarkus' changes of classes come before the classes.
        for (String part : List.of("quarkus", "app", "lib/main", "lib/boot")) {
            List<Path> jars = new ArrayList<>(jars(built.resolve(part), module));
            if (part.equals("quarkus")) {
                jars = jars.reversed();
            }
            for (Path jar : jars) {
                kept.add(keep(jar, folder.resolve(module.replace('/', '-')).resolve(part)));
            }
        }
        return join(kept);
    }

    private static List<Path> jars(Path folder, String module) throws IOException {
        List<Path> jars = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.jar")) {
            found.forEach(jars::add);
        } catch (IOException absent) {
            throw notBuilt(module);
        }
        if (jars.isEmpty()) {
            throw notBuilt(module);
        }
        jars.sort(null);
        return jars;
    }

    private static CommandException notBuilt(String module) {
        return new CommandException(module + " is not built: build it with mvn install -DskipTests");
    }

    private static Path keep(Path jar, Path folder) throws IOException {
        Path kept = folder.resolve(jar.getFileName());
        if (Files.exists(kept)
                && Files.size(kept) == Files.size(jar)
                && Files.getLastModifiedTime(kept).equals(Files.getLastModifiedTime(jar))) {
            return kept;
        }
        Files.createDirectories(folder);
        // Beside it first: a process that has the old one open keeps it.
        Path next = Files.createTempFile(folder, "next", ".tmp");
        Files.copy(jar, next, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        return Files.move(next, kept, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String join(List<Path> entries) {
        return String.join(
                File.pathSeparator, entries.stream().map(Path::toString).toList());
    }
}
