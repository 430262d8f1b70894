package dev.loupe.tls.server;

import dev.loupe.tls.TlsAuthorities;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * With {@code loupe.tls.client-ca}, rejects requests without a client certificate, except the probes. Certificates are
 * checked in the handshake; here they are checked when the authorities have changed, and for sessions of TLS that were
 * resumed: such a session has the certificate of its first handshake.
 */
@ApplicationScoped
class ClientCertificateFilter {
    /** Before all other filters: nothing of a rejected request is read. */
    private static final int FIRST = 1_000_000;

    private static final Set<String> PROBES =
            Set.of("/q/health", "/q/health/live", "/q/health/ready", "/q/health/started");
    /** Generation of the authorities that accepted the certificate of the connection. */
    private static final AttributeKey<Integer> ACCEPTED =
            AttributeKey.valueOf(ClientCertificateFilter.class, "accepted");

    private final Tls tls;

    ClientCertificateFilter(Tls tls) {
        this.tls = tls;
    }

    void register(@Observes Filters filters) {
        tls.clientAuthorities()
                .ifPresent(authorities -> filters.register(routing -> check(routing, authorities), FIRST));
    }

    private static void check(RoutingContext routing, TlsAuthorities authorities) {
        HttpServerRequest request = routing.request();
        if (PROBES.contains(request.path())) {
            routing.next();
            return;
        }
        try {
            X509Certificate[] chain = certificates(request.sslSession());
            chain[0].checkValidity();
            Channel channel = ((ConnectionBase) request.connection()).channel();
            int generation = authorities.generation();
            Integer accepted = channel.attr(ACCEPTED).get();
            if (accepted == null || accepted != generation) {
                authorities.checkClientTrusted(chain, "UNKNOWN");
                channel.attr(ACCEPTED).set(generation);
            }
            routing.next();
        } catch (SSLPeerUnverifiedException _) {
            reject(routing, "expected a client certificate of an authority in loupe.tls.client-ca, got none");
        } catch (CertificateException e) {
            reject(
                    routing,
                    "expected a valid client certificate of an authority in loupe.tls.client-ca, got one that "
                            + "is not: " + e.getMessage());
        }
    }

    private static X509Certificate[] certificates(SSLSession session) throws SSLPeerUnverifiedException {
        if (session == null || !(session.getPeerCertificates() instanceof X509Certificate[] chain)) {
            throw new SSLPeerUnverifiedException("no certificate");
        }
        return chain;
    }

    private static void reject(RoutingContext routing, String detail) {
        routing.response()
                .setStatusCode(401)
                .putHeader("Content-Type", "application/problem+json")
                .putHeader("Connection", "close")
                .end(new JsonObject()
                        .put("type", "about:blank")
                        .put("title", "Unauthorized")
                        .put("status", 401)
                        .put("code", "CLIENT_CERTIFICATE_REQUIRED")
                        .put("detail", detail)
                        .put("retryable", false)
                        .toBuffer());
    }
}
