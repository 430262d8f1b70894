package dev.loupe.tls.server;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Certificates of this process, as PEM files. Without a certificate, its servers speak plain text. */
@ConfigMapping(prefix = "loupe.tls")
interface TlsConfig {
    /** Certificate of this process, followed by those between it and the authority. All its servers speak TLS with it. */
    Optional<Path> certificate();

    /** Private key of the certificate: PKCS #8, PKCS #1 or SEC 1, without a password. */
    Optional<Path> key();

    /**
     * Authorities of the clients. With it, each client needs a certificate of one of them; only the HTTP probes below {@code
     * /q/health} do not.
     */
    Optional<Path> clientCa();

    /** Authorities of the other parts of Loupe that this process calls. Default: those of the Java runtime. */
    Optional<Path> ca();

    /** Time between two looks for changed files. */
    @WithDefault("10s")
    Duration reload();
}
