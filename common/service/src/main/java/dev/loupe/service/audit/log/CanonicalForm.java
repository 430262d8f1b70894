package dev.loupe.service.audit.log;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What the hash of an entry is computed of: its fields as netstrings, {@code LENGTH:TEXT,} with the length in bytes of
 * UTF-8; {@code ~} for a field that is absent. The function {@code audit_hash} of the database computes the same; this
 * class is the second opinion, because who changes rows can change functions too. docs/reference/audit.md describes it.
 */
final class CanonicalForm {
    /** What stands for the hash before the first entry. */
    static final String NO_HASH = "0".repeat(64);

    private static final DateTimeFormatter MICROSECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private CanonicalForm() {}

    /** The hash that the entry must have after the one that it names as the previous one. */
    static String hash(AuditEntry entry) {
        StringBuilder form = new StringBuilder();
        Arrays.asList(
                        entry.previous(),
                        Long.toString(entry.serial()),
                        entry.id().toString(),
                        time(entry.at()),
                        entry.actor(),
                        entry.onBehalfOf(),
                        entry.projectId() == null ? null : entry.projectId().toString(),
                        entry.action(),
                        entry.subject(),
                        entry.detail(),
                        entry.before(),
                        entry.after())
                .forEach(field -> append(form, field));
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(form.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    private static String time(Instant at) {
        return at == null ? null : MICROSECONDS.format(at);
    }

    private static void append(StringBuilder form, String field) {
        if (field == null) {
            form.append('~');
        } else {
            form.append(field.getBytes(StandardCharsets.UTF_8).length)
                    .append(':')
                    .append(field)
                    .append(',');
        }
    }
}
