package dev.loupe.tls.server;

import dev.loupe.tls.TlsAuthorities;
import dev.loupe.tls.TlsFileException;
import dev.loupe.tls.TlsIdentity;
import dev.loupe.tls.TlsMaterial;
import dev.loupe.tls.TlsReloader;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jboss.logging.Logger;

/** The certificates of this process. They are read at the start, which a wrong file stops, and again when they change. */
@Singleton
@Startup
public class Tls {
    private static final Logger LOG = Logger.getLogger(Tls.class);
    private static final String PREFIX = "loupe.tls.";
    /** Certificates are renewed earlier than that: cert-manager renews them after two thirds of their validity. */
    private static final Duration SOON = Duration.ofDays(14);

    private static final Duration BETWEEN_WARNINGS = Duration.ofDays(1);

    private final TlsIdentity identity;
    private final TlsAuthorities clientAuthorities;
    private final TlsAuthorities authorities;
    private final MeterRegistry metrics;
    private final TlsReloader reloader;

    /** What was said of a file last: it is not repeated at each look. */
    private final Map<String, String> failures = new ConcurrentHashMap<>();

    private final Map<String, Instant> warnings = new ConcurrentHashMap<>();

    Tls(TlsConfig config, MeterRegistry metrics) {
        this.metrics = metrics;
        require(config.key().isPresent() == config.certificate().isPresent(), config.key(), "key", "certificate");
        require(
                config.clientCa().isEmpty() || config.certificate().isPresent(),
                config.certificate(),
                "certificate",
                "client-ca");
        identity = config.certificate()
                .map(file -> new TlsIdentity(
                        PREFIX + "certificate",
                        file,
                        PREFIX + "key",
                        config.key().orElseThrow()))
                .orElse(null);
        clientAuthorities = authorities("client-ca", config.clientCa());
        authorities = authorities("ca", config.ca());
        reloader = new TlsReloader(config.reload(), new Listener());
        Stream.of(identity, clientAuthorities, authorities)
                .filter(Objects::nonNull)
                .forEach(this::watch);
    }

    private static void require(boolean complete, Optional<Path> present, String key, String other) {
        if (!complete) {
            String missing = present.isPresent() ? other : key;
            throw new IllegalStateException(PREFIX + missing + ": expected a file, because " + PREFIX
                    + (missing.equals(key) ? other : key) + " is set, got none");
        }
    }

    private static TlsAuthorities authorities(String name, Optional<Path> file) {
        return file.map(path -> new TlsAuthorities(PREFIX + name, path)).orElse(null);
    }

    /** Certificate of this process; empty: its servers speak plain text. */
    public Optional<TlsIdentity> identity() {
        return Optional.ofNullable(identity);
    }

    /** Authorities of clients; empty: clients need no certificate. */
    public Optional<TlsAuthorities> clientAuthorities() {
        return Optional.ofNullable(clientAuthorities);
    }

    /** Authorities of the servers that this process calls; empty: those of the Java runtime. */
    public Optional<TlsAuthorities> authorities() {
        return Optional.ofNullable(authorities);
    }

    /**
     * A context of clients that call one server outside of Loupe, without a certificate of their own.
     *
     * @param setting name of the setting, for messages
     * @param ca authorities of the server, read again when they change; empty: those of the Java runtime
     * @throws TlsFileException if the file can't be used
     */
    public SSLContext contextOfClients(String setting, Optional<Path> ca) {
        TlsAuthorities others =
                ca.map(file -> new TlsAuthorities(setting, file)).orElse(null);
        if (others != null) {
            watch(others);
        }
        return TlsAuthorities.context(others, null);
    }

    /** Reads other files again, too, with the same metrics and warnings. */
    public final void watch(TlsMaterial material) {
        measure(material);
        warn(material);
        reloader.watch(material);
    }

    private void measure(TlsMaterial material) {
        Gauge.builder("loupe.tls.expiry", material, Tls::secondsLeft)
                .description("Time until the first certificate of a file expires; negative after that")
                .baseUnit("seconds")
                .tag("file", material.setting())
                .strongReference(true)
                .register(metrics);
        for (String outcome : List.of("reloaded", "failed")) {
            metrics.counter("loupe.tls.reloads", "file", material.setting(), "outcome", outcome);
        }
    }

    private static double secondsLeft(TlsMaterial material) {
        return Duration.between(Instant.now(), material.expiry()).toSeconds();
    }

    private void count(TlsMaterial material, String outcome) {
        metrics.counter("loupe.tls.reloads", "file", material.setting(), "outcome", outcome)
                .increment();
    }

    private void warn(TlsMaterial material) {
        Instant now = Instant.now();
        Instant last = warnings.getOrDefault(material.setting(), Instant.EPOCH);
        if (material.expiry().isBefore(now.plus(SOON))
                && last.plus(BETWEEN_WARNINGS).isBefore(now)) {
            warnings.put(material.setting(), now);
            LOG.warnf(
                    "%s: a certificate %s %s",
                    material.setting(), material.expiry().isBefore(now) ? "expired" : "expires", material.expiry());
        }
    }

    private final class Listener implements TlsReloader.Listener {
        @Override
        public void reloaded(TlsMaterial material) {
            failures.remove(material.setting());
            warnings.remove(material.setting());
            count(material, "reloaded");
            LOG.infof("%s: read again, valid until %s", material.setting(), material.expiry());
            warn(material);
        }

        @Override
        public void unchanged(TlsMaterial material) {
            if (failures.remove(material.setting()) != null) {
                LOG.infof("%s: the file is as it was before, and in use", material.setting());
            }
            warn(material);
        }

        @Override
        public void failed(TlsMaterial material, TlsFileException reason) {
            count(material, "failed");
            if (!reason.getMessage().equals(failures.put(material.setting(), reason.getMessage()))) {
                LOG.errorf(
                        "%s; what was read before stays in use, valid until %s",
                        reason.getMessage(), material.expiry());
            }
            warn(material);
        }
    }

    @PreDestroy
    void close() {
        reloader.close();
    }
}
