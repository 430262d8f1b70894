package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The API tokens of a person, one for each server, in a file that only they can read: {@code {"tokens": {"https://…":
 * "loupe_…"}}}.
 *
 * @param file the file; it need not exist
 */
public record Profile(Path file) {
    private static final String TOKENS = "tokens";
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

    /** The file that {@code LOUPE_PROFILE} names, or {@code loupe/profile.json} in the folder of configurations. */
    public static Profile ofUser() {
        String named = System.getProperty("loupe.profile", System.getenv("LOUPE_PROFILE"));
        if (named != null && !named.isBlank()) {
            return new Profile(Path.of(named));
        }
        String folder = System.getenv("XDG_CONFIG_HOME");
        Path configurations = folder == null || folder.isBlank()
                ? Path.of(System.getProperty("user.home"), ".config")
                : Path.of(folder);
        return new Profile(configurations.resolve("loupe").resolve("profile.json"));
    }

    /** The token for a server; empty if there is none. */
    public Optional<String> token(Endpoints server) {
        return Optional.ofNullable(read().path(TOKENS).path(key(server)).asText(null));
    }

    /** Keeps a token for a server. */
    public void keep(Endpoints server, String token) {
        ObjectNode profile = read();
        profile.withObject("/" + TOKENS).put(key(server), token);
        write(profile);
    }

    /** Removes the token for a server. Returns false if there was none. */
    public boolean remove(Endpoints server) {
        ObjectNode profile = read();
        boolean removed = profile.path(TOKENS) instanceof ObjectNode tokens && tokens.remove(key(server)) != null;
        if (removed) {
            write(profile);
        }
        return removed;
    }

    private static String key(Endpoints server) {
        return server.dataset().toString();
    }

    private ObjectNode read() {
        try {
            if (!Files.exists(file)) {
                return Json.object();
            }
            Set<PosixFilePermission> others = EnumSet.copyOf(PosixFilePermissions.fromString("rwxrwxrwx"));
            others.removeAll(PosixFilePermissions.fromString("rwx------"));
            others.retainAll(Files.getPosixFilePermissions(file));
            if (!others.isEmpty()) {
                throw new CommandException(file + ": expected a file that only its owner can read: chmod 600 " + file);
            }
            JsonNode profile = Json.read(Files.readString(file));
            if (profile instanceof ObjectNode object) {
                return object;
            }
            throw new CommandException(file + ": expected a JSON object");
        } catch (IOException e) {
            throw new CommandException(file + ": can't be read: " + e.getMessage(), e);
        }
    }

    private void write(ObjectNode profile) {
        try {
            Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
            Path next = Files.createTempFile(
                    folder, file.getFileName().toString(), ".next", PosixFilePermissions.asFileAttribute(OWNER));
            Files.writeString(next, profile.toPrettyString() + "\n");
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new CommandException(file + ": can't be written: " + e.getMessage(), e);
        }
    }
}
