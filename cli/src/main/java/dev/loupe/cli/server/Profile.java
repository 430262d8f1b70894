package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How a person is known to each server, by an API token or by a session of a provider, and the files with the certificates
 * of its connections, in a file that only they can read: {@code {"tokens": {"https://…": "loupe_…"}, "sessions": {…},
 * "certificates": {"https://…": {"ca": "/…"}}}}.
 *
 * @param file the file; it need not exist
 */
public record Profile(Path file) {
    private static final String TOKENS = "tokens";
    private static final String SESSIONS = "sessions";
    private static final String CERTIFICATES = "certificates";
    private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();
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

    /** Keeps a token for a server, in place of a session. */
    public void keep(Endpoints server, String token) {
        change(profile -> {
            profile.withObject("/" + SESSIONS).remove(key(server));
            profile.withObject("/" + TOKENS).put(key(server), token);
        });
    }

    /** The session for a server; empty if there is none. */
    public Optional<Session> session(Endpoints server) {
        return Session.of(read().path(SESSIONS).path(key(server)));
    }

    /** Keeps a session for a server, in place of an API token. */
    public void keep(Endpoints server, Session session) {
        change(profile -> {
            profile.withObject("/" + TOKENS).remove(key(server));
            profile.withObject("/" + SESSIONS).set(key(server), session.json());
        });
    }

    /** Reads and writes the file while no other command does. */
    private void change(Consumer<ObjectNode> change) {
        exclusively(() -> {
            ObjectNode profile = read();
            change.accept(profile);
            write(profile);
            return null;
        });
    }

    /**
     * Runs the action while no other command reads and changes this file: a provider may accept a refresh token once. An
     * action may do so again.
     */
    public <T> T exclusively(Supplier<T> action) {
        Path lock = file.toAbsolutePath().resolveSibling(file.getFileName() + ".lock");
        IN_THIS_PROCESS.lock();
        try {
            if (IN_THIS_PROCESS.getHoldCount() > 1) {
                return action.get();
            }
            Files.createDirectories(lock.getParent());
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = channel.lock()) {
                return action.get();
            }
        } catch (IOException e) {
            throw new CommandException(lock + ": can't be locked: " + e.getMessage(), e);
        } finally {
            IN_THIS_PROCESS.unlock();
        }
    }

    /** The files with certificates for a server; those that are not kept are absent. */
    public CertificateFiles certificates(Endpoints server) {
        return CertificateFiles.of(read().path(CERTIFICATES).path(key(server)));
    }

    /** Keeps the names of files with certificates for a server, in place of those that were kept before. */
    public void keep(Endpoints server, CertificateFiles files) {
        change(profile -> {
            ObjectNode certificates = profile.withObject("/" + CERTIFICATES);
            if (files.isEmpty()) {
                certificates.remove(key(server));
            } else {
                certificates.set(key(server), files.json());
            }
        });
    }

    /** Removes the token, the session and the names of certificates for a server. Returns false if there was no login. */
    public boolean remove(Endpoints server) {
        return exclusively(() -> removed(server));
    }

    private boolean removed(Endpoints server) {
        ObjectNode profile = read();
        boolean token = profile.withObject("/" + TOKENS).remove(key(server)) != null;
        boolean session = profile.withObject("/" + SESSIONS).remove(key(server)) != null;
        profile.withObject("/" + CERTIFICATES).remove(key(server));
        if (token || session) {
            write(profile);
        }
        return token || session;
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
            try {
                Files.writeString(next, profile.toPrettyString() + "\n");
                Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(next);
            }
        } catch (IOException e) {
            throw new CommandException(file + ": can't be written: " + e.getMessage(), e);
        }
    }
}
