package dev.loupe.service.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.tls.server.Tls;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.Context;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.Key;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwx.JsonWebStructure;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jose4j.keys.resolvers.VerificationKeyResolver;
import org.jose4j.lang.JoseException;
import org.jose4j.lang.UnresolvableKeyException;

/**
 * The public keys of the OpenID Connect provider: read at the start, regularly, and when a token names one that is not
 * known. While the provider can't be reached, the keys that were read last are used. Thread-safe.
 */
@ApplicationScoped
class ProviderKeys implements VerificationKeyResolver {
    private static final Logger LOG = Logger.getLogger(ProviderKeys.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final AuthConfig auth;
    private final ObjectMapper json;
    private final HttpClient http;
    private volatile List<JsonWebKey> keys;
    private long lastRead;

    ProviderKeys(AuthConfig auth, ObjectMapper json, Tls tls) {
        this.auth = auth;
        this.json = json;
        this.http = HttpClient.newBuilder()
                .connectTimeout(TIMEOUT)
                .sslContext(
                        tls.contextOfClients("loupe.auth.oidc.ca", auth.oidc().ca()))
                .build();
        this.lastRead = System.nanoTime() - auth.oidc().keysPause().toNanos();
    }

    @PreDestroy
    void close() {
        http.shutdownNow();
    }

    @Scheduled(every = "${loupe.auth.oidc.keys-interval:5m}", concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void read() {
        if (auth.mode() == AuthMode.OIDC) {
            refresh();
        }
    }

    /** The keys that were read last, another list after each read; null: none yet. */
    List<JsonWebKey> known() {
        return keys;
    }

    @Override
    public Key resolveKey(JsonWebSignature jws, List<JsonWebStructure> nesting) throws UnresolvableKeyException {
        List<JsonWebKey> known = keys;
        if (known != null) {
            try {
                return new JwksVerificationKeyResolver(known).resolveKey(jws, nesting);
            } catch (UnresolvableKeyException e) {
                if (Context.isOnEventLoopThread()) {
                    Thread.startVirtualThread(this::refreshAfterPause); // for the next attempt
                    throw e;
                }
            }
        }
        if (!Context.isOnEventLoopThread()) {
            refreshAfterPause();
        }
        List<JsonWebKey> now = keys;
        if (now == null) {
            throw new ServiceException(
                    ErrorCode.LOGIN_UNAVAILABLE, "the keys of the OpenID Connect provider can't be read; retry later");
        }
        return new JwksVerificationKeyResolver(now).resolveKey(jws, nesting);
    }

    private synchronized void refreshAfterPause() {
        if (System.nanoTime() - lastRead >= auth.oidc().keysPause().toNanos()) {
            refresh();
        }
    }

    private synchronized void refresh() {
        String issuer = auth.oidc().issuer().orElseThrow();
        try {
            JsonNode discovered = json.readTree(get(issuer.replaceAll("/$", "") + "/.well-known/openid-configuration"));
            if (!discovered.path("issuer").asText().equals(issuer)) {
                throw new IOException("expected the issuer " + issuer + ", got "
                        + discovered.path("issuer").asText());
            }
            keys = new JsonWebKeySet(get(discovered.path("jwks_uri").asText())).getJsonWebKeys();
        } catch (IOException | JoseException | IllegalArgumentException e) {
            LOG.warnf(
                    "keys of the OpenID Connect provider can't be read, those known are %s: %s",
                    keys == null ? "none" : "kept", e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            lastRead = System.nanoTime(); // after the read, so that those who waited for it do not repeat it
        }
    }

    private String get(String address) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create(address)).timeout(TIMEOUT).build(), BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(address + ": expected status 200, got " + response.statusCode());
        }
        return response.body();
    }
}
