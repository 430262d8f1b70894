package dev.loupe.console;

import dev.loupe.tls.server.Tls;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import jakarta.inject.Singleton;

/**
 * TLS of the connections to the services: they are trusted by {@code loupe.tls.ca}, and the gateway's own certificate is
 * its client certificate. Vert.x verifies the names of hosts.
 */
@Singleton
class ServiceTls {
    private final Tls tls;

    ServiceTls(Tls tls) {
        this.tls = tls;
    }

    HttpClientOptions apply(HttpClientOptions options) {
        tls.authorities().ifPresent(authorities -> options.setTrustOptions(TrustOptions.wrap(authorities)));
        tls.identity().ifPresent(identity -> options.setKeyCertOptions(KeyCertOptions.wrap(identity)));
        return options;
    }
}
