package dev.loupe.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.CommandException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * The Java runtime and the program of an image as files of this machine, with the times that they have in the image: by
 * size and time a JVM tells whether a cache was made of the jars that it sees.
 */
final class UnpackedImage {
    private static final String JAVA_HOME = "JAVA_HOME=";

    private final Path folder;
    private final List<String> entrypoint;
    private final Path javaHome;
    private final Path workingDirectory;

    private UnpackedImage(Path folder, JsonNode config) {
        this.folder = folder;
        this.entrypoint = strings(config.path("Entrypoint"));
        this.javaHome = path(strings(config.path("Env")).stream()
                .filter(variable -> variable.startsWith(JAVA_HOME))
                .map(variable -> variable.substring(JAVA_HOME.length()))
                .findFirst()
                .orElseThrow(
                        () -> new CommandException("the base does not say by JAVA_HOME where its Java runtime is")));
        this.workingDirectory = path(config.path("WorkingDir").asText());
    }

    /**
     * @param folder an empty one
     * @throws CommandException when the image does not say where its Java runtime is
     */
    static UnpackedImage of(ImageArchive image, Path folder) throws IOException {
        UnpackedImage unpacked = new UnpackedImage(folder.toAbsolutePath().normalize(), image.config());
        Files.createDirectories(unpacked.workingDirectory);
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(image.file()), 1 << 16);
                TarArchiveInputStream archive = new TarArchiveInputStream(bytes)) {
            for (TarArchiveEntry entry; (entry = archive.getNextEntry()) != null; ) {
                if (entry.getName().endsWith(".tar.gz")) {
                    unpacked.layer(new TarArchiveInputStream(new GZIPInputStream(archive, 1 << 16)));
                }
            }
        }
        unpacked.rewriteClassPath();
        return unpacked;
    }

    private void rewriteClassPath() throws IOException {
        Path file = path(Application.CLASS_PATH.toString());
        String classPath = Files.readString(file);
        Files.writeString(file, here(classPath));
        Path root = workingDirectory.relativize(path(Application.ROOT.toString()));
        Files.writeString(relativeClassPath(), classPath.replace(Application.ROOT + "/", root + "/"));
    }

    /** What the image starts, in the folder where it starts it, with {@code options} more for the JVM. */
    List<String> command(List<String> options) {
        List<String> command = java(options);
        command.addAll(0, List.of("sh", "-c", "cd \"$0\" && exec \"$@\"", workingDirectory.toString()));
        return command;
    }

    /**
     * The same for the JVM that writes a cache, with paths of jars that are relative to the folder where the image starts.
     * A cache keeps the paths, and they should lead to the jars in the image as they do here: of each class whose jar it
     * does not find there, JDK 25 asks for it again, which is a tenth of a start.
     */
    ProcessBuilder writer(List<String> options) {
        List<String> command = java(options);
        command.set(command.indexOf("-cp") + 1, "@" + relativeClassPath());
        return new ProcessBuilder(command).directory(workingDirectory.toFile());
    }

    private List<String> java(List<String> options) {
        List<String> command = new ArrayList<>(entrypoint);
        command.set(0, javaHome.resolve("bin/java").toString());
        command.replaceAll(this::here);
        command.addAll(command.indexOf("-cp"), options);
        return command;
    }

    private Path relativeClassPath() {
        return path(Application.CLASS_PATH + ".relative");
    }

    /** A text of the image with its paths as they are on this machine. */
    private String here(String text) {
        return text.replace(Application.ROOT + "/", path(Application.ROOT.toString()) + "/");
    }

    private void layer(TarArchiveInputStream layer) throws IOException {
        for (TarArchiveEntry entry; (entry = layer.getNextEntry()) != null; ) {
            Path path = path("/" + entry.getName());
            if (!path.startsWith(javaHome) && !path.startsWith(path(Application.ROOT.toString()))) {
                continue;
            }
            if (entry.isDirectory()) {
                Files.createDirectories(path);
            } else if (entry.isSymbolicLink()) {
                link(path, entry.getLinkName());
            } else if (entry.isFile()) {
                Files.createDirectories(path.getParent());
                Files.copy(layer, path, StandardCopyOption.REPLACE_EXISTING);
                if ((entry.getMode() & 0100) != 0 && !path.toFile().setExecutable(true)) {
                    throw new IOException(path + " can't be made executable");
                }
                Files.setLastModifiedTime(
                        path, FileTime.from(entry.getLastModifiedTime().toInstant()));
            }
        }
    }

    /** Links that lead out of the runtime, as to certificates of the system, are left out. */
    private void link(Path path, String target) throws IOException {
        if (!target.startsWith("/") && path.resolveSibling(target).normalize().startsWith(javaHome)) {
            Files.createDirectories(path.getParent());
            Files.deleteIfExists(path);
            Files.createSymbolicLink(path, Path.of(target));
        }
    }

    private Path path(String absolute) {
        Path path = folder.resolve(absolute.substring(1)).normalize();
        if (!path.startsWith(folder)) {
            throw new CommandException("the image has a file outside of itself: " + absolute);
        }
        return path;
    }

    private static List<String> strings(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).toList();
    }
}
