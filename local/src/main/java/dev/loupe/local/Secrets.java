package dev.loupe.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Passwords of a data folder's servers: drawn at the first start, and kept in its file {@code secrets.json}, which only its
 * owner can read.
 *
 * @param administrator of PostgreSQL
 * @param storage S3's secret key
 * @param accounts password of each service's database account, by the account's name
 */
record Secrets(String administrator, String storage, Map<String, String> accounts) {
    static final String FILE = "secrets.json";
    static final List<String> ACCOUNTS = List.of("dataset", "training", "inference");

    private static final SecureRandom RANDOM = new SecureRandom();

    /** Those of the folder, or new ones. */
    static Secrets of(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            draw().write(file);
        }
        JsonNode kept = Json.read(Files.readString(file));
        Map<String, String> accounts = new TreeMap<>();
        ACCOUNTS.forEach(account -> accounts.put(account, password(file, kept.path("accounts"), account)));
        return new Secrets(password(file, kept, "administrator"), password(file, kept, "storage"), accounts);
    }

    private static String password(Path file, JsonNode kept, String name) {
        String password = kept.path(name).asText("");
        if (password.isEmpty()) {
            throw new CommandException("no password '" + name + "' in " + file
                    + ": restore that file, or start with --fresh" + " (which deletes what is kept)");
        }
        return password;
    }

    private static Secrets draw() {
        Map<String, String> accounts = new TreeMap<>();
        ACCOUNTS.forEach(account -> accounts.put(account, password()));
        return new Secrets(password(), password(), accounts);
    }

    private static String password() {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private void write(Path file) throws IOException {
        ObjectNode json = Json.object().put("administrator", administrator).put("storage", storage);
        json.set("accounts", Json.of(accounts));
        // Temporary files can be read by their owner only, and the move keeps that.
        Path next = Files.createTempFile(file.getParent(), FILE, ".next");
        Files.writeString(next, json.toPrettyString());
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Never a password. */
    @Override
    public String toString() {
        return "Secrets[accounts=" + accounts.keySet() + "]";
    }
}
