package dev.loupe.console;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.DirectEncrypter;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.text.ParseException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Encrypts what a browser keeps, so that it can neither read nor change it (JWE with AES-256-GCM). Every replica with the
 * same key opens it. Thread-safe.
 */
final class Seal {
    private static final int KEY_BYTES = 32;
    private static final String EXPIRES = "exp";

    private final List<byte[]> keys;

    /**
     * Reads the keys: the first seals, all open.
     *
     * @throws IllegalArgumentException if one is not 32 bytes in Base64
     */
    Seal(List<String> keys) {
        this.keys = keys.stream().map(Seal::key).toList();
        if (this.keys.isEmpty()) {
            throw new IllegalArgumentException("expected 32 bytes in Base64, got none");
        }
    }

    private static byte[] key(String text) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text.strip());
        } catch (IllegalArgumentException _) {
            throw new IllegalArgumentException("expected 32 bytes in Base64, got another text");
        }
        if (bytes.length != KEY_BYTES) {
            throw new IllegalArgumentException("expected 32 bytes in Base64, got " + bytes.length);
        }
        return bytes;
    }

    /**
     * Encrypts the content.
     *
     * @param purpose what it may be opened as
     * @param expires from when on it is not opened
     */
    String seal(String purpose, JsonObject content, Instant expires) {
        JsonObject limited = content.copy().put(EXPIRES, expires.getEpochSecond());
        JWEObject sealed = new JWEObject(header(purpose), new Payload(limited.encode()));
        try {
            sealed.encrypt(new DirectEncrypter(keys.getFirst()));
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
        return sealed.serialize();
    }

    private static JWEHeader header(String purpose) {
        return new JWEHeader.Builder(JWEAlgorithm.DIR, EncryptionMethod.A256GCM)
                .type(new JOSEObjectType(purpose))
                .build();
    }

    /** Returns the content; empty if it was not sealed for this purpose with one of the keys, was changed or has expired. */
    Optional<JsonObject> open(String purpose, String sealed) {
        // The header is no choice of the browser: another algorithm or purpose is not even parsed.
        if (!sealed.startsWith(header(purpose).toBase64URL() + ".")) {
            return Optional.empty();
        }
        try {
            return decrypt(sealed)
                    .map(JsonObject::new)
                    .filter(content ->
                            content.getLong(EXPIRES, 0L) > Instant.now().getEpochSecond());
        } catch (ParseException | DecodeException | ClassCastException _) {
            return Optional.empty();
        }
    }

    private Optional<String> decrypt(String sealed) throws ParseException {
        for (byte[] key : keys) {
            try {
                JWEObject attempt = JWEObject.parse(sealed);
                attempt.decrypt(new DirectDecrypter(key));
                return Optional.of(attempt.getPayload().toString());
            } catch (JOSEException _) {
                // Sealed with another key, or changed.
            }
        }
        return Optional.empty();
    }
}
