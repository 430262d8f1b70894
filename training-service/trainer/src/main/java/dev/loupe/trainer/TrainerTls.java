package dev.loupe.trainer;

import dev.loupe.tls.TlsAuthorities;
import dev.loupe.tls.TlsFileException;
import dev.loupe.tls.TlsIdentity;
import dev.loupe.tls.TlsMaterial;
import dev.loupe.tls.TlsReloader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificates of the trainer's connections. The files are read again while it runs: an attempt may take longer than a
 * certificate is valid.
 *
 * @param context of connections to training-service; null: that of the Java runtime
 * @param storage authorities of the S3 server; null: those of the Java runtime
 */
record TrainerTls(SSLContext context, TlsAuthorities storage) {
    static final TrainerTls NONE = new TrainerTls(null, null);

    private static final Logger LOG = LoggerFactory.getLogger(TrainerTls.class);
    private static final Duration RELOAD = Duration.ofSeconds(10);

    private static final class Listener implements TlsReloader.Listener {
        @Override
        public void reloaded(TlsMaterial material) {
            LOG.info("{}: read again, valid until {}", material.setting(), material.expiry());
        }

        @Override
        public void unchanged(TlsMaterial material) {}

        @Override
        public void failed(TlsMaterial material, TlsFileException reason) {
            LOG.debug("{}; what was read before stays in use", reason.getMessage());
        }
    }

    /**
     * Reads the files that the environment names.
     *
     * @throws IllegalArgumentException if one can't be used
     */
    static TrainerTls of(Map<String, String> environment) {
        try {
            TlsAuthorities authorities = authorities(environment, "LOUPE_TLS_CA");
            TlsAuthorities storage = authorities(environment, "LOUPE_STORAGE_CA");
            TlsIdentity identity = identity(environment);
            if (authorities == null && storage == null && identity == null) {
                return NONE;
            }
            // Its thread is a daemon: it ends with the process.
            TlsReloader reloader = new TlsReloader(RELOAD, new Listener());
            Stream.of(authorities, storage, identity).filter(Objects::nonNull).forEach(reloader::watch);
            SSLContext context =
                    authorities == null && identity == null ? null : TlsAuthorities.context(authorities, identity);
            return new TrainerTls(context, storage);
        } catch (TlsFileException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static TlsAuthorities authorities(Map<String, String> environment, String name) {
        String file = environment.get(name);
        return file == null || file.isBlank() ? null : new TlsAuthorities(name, Path.of(file));
    }

    private static TlsIdentity identity(Map<String, String> environment) {
        String certificate = environment.getOrDefault("LOUPE_TLS_CERTIFICATE", "");
        String key = environment.getOrDefault("LOUPE_TLS_KEY", "");
        if (certificate.isBlank() != key.isBlank()) {
            throw new IllegalArgumentException(
                    "expected both LOUPE_TLS_CERTIFICATE and LOUPE_TLS_KEY, or neither, got one");
        }
        return certificate.isBlank()
                ? null
                : new TlsIdentity("LOUPE_TLS_CERTIFICATE", Path.of(certificate), "LOUPE_TLS_KEY", Path.of(key));
    }
}
