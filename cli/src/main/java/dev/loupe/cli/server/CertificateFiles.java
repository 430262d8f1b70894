package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.UsageException;
import dev.loupe.client.ClientTls;
import dev.loupe.tls.TlsAuthorities;
import dev.loupe.tls.TlsFileException;
import dev.loupe.tls.TlsIdentity;
import java.nio.file.Path;

/**
 * PEM files with the certificates of connections to a server; null: not named.
 *
 * @param ca authorities of the server
 * @param certificate certificate of the client
 * @param key its private key
 */
public record CertificateFiles(Path ca, Path certificate, Path key) {
    static CertificateFiles of(JsonNode json) {
        return new CertificateFiles(path(json, "ca"), path(json, "certificate"), path(json, "key"));
    }

    private static Path path(JsonNode json, String name) {
        return json.hasNonNull(name) ? Path.of(json.path(name).asText()) : null;
    }

    ObjectNode json() {
        ObjectNode json = Json.object();
        put(json, "ca", ca);
        put(json, "certificate", certificate);
        put(json, "key", key);
        return json;
    }

    private static void put(ObjectNode json, String name, Path file) {
        if (file != null) {
            json.put(name, file.toAbsolutePath().normalize().toString());
        }
    }

    public boolean isEmpty() {
        return ca == null && certificate == null && key == null;
    }

    /** These files, and of the others those that these do not name. */
    public CertificateFiles or(CertificateFiles others) {
        boolean own = certificate != null || key != null;
        return new CertificateFiles(
                ca == null ? others.ca : ca, own ? certificate : others.certificate, own ? key : others.key);
    }

    /** @throws UsageException if a file can't be used, or one of certificate and key is missing */
    public ClientTls read() {
        if ((certificate == null) != (key == null)) {
            throw new UsageException("expected both --certificate and --key, or neither, got one");
        }
        try {
            return new ClientTls(
                    ca == null ? null : new TlsAuthorities("--ca", ca),
                    certificate == null ? null : new TlsIdentity("--certificate", certificate, "--key", key));
        } catch (TlsFileException e) {
            throw new UsageException(e.getMessage());
        }
    }
}
