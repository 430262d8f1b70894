package dev.loupe.tls.server;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import jakarta.inject.Singleton;

/**
 * Makes the HTTP server speak TLS, on its port. It accepts clients without a certificate, and {@link
 * ClientCertificateFilter} rejects their requests: so probes, which have none, are answered, and others get an error that
 * says what is missing. A certificate of another authority, or an expired one, fails in the handshake.
 */
@Singleton
class HttpTls implements HttpServerOptionsCustomizer {
    private final Tls tls;

    HttpTls(Tls tls) {
        this.tls = tls;
    }

    @Override
    public void customizeHttpServer(HttpServerOptions options) {
        tls.identity().ifPresent(identity -> options.setSsl(true).setKeyCertOptions(KeyCertOptions.wrap(identity)));
        tls.clientAuthorities().ifPresent(authorities -> options.setClientAuth(ClientAuth.REQUEST)
                .setTrustOptions(TrustOptions.wrap(authorities)));
    }
}
