package dev.loupe.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/**
 * An OpenID Connect provider: discovery, keys, and what a real one does not have: {@code POST /sign?key=current|other}
 * signs any claims, {@code POST /rotate} replaces the key.
 */
public final class OidcTestResource implements QuarkusTestResourceLifecycleManager {
    private HttpServer server;
    private RsaJsonWebKey current;
    private RsaJsonWebKey other;
    private int generation;

    @Override
    public Map<String, String> start() {
        try {
            rotate();
            other = RsaJwkGenerator.generateJwk(2048);
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            String issuer = "http://127.0.0.1:" + server.getAddress().getPort();
            server.createContext(
                    "/.well-known/openid-configuration",
                    exchange -> send(exchange, "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + issuer + "/keys\"}"));
            server.createContext(
                    "/keys",
                    exchange -> send(exchange, "{\"keys\":[" + current.toJson(OutputControlLevel.PUBLIC_ONLY) + "]}"));
            server.createContext("/sign", exchange -> send(exchange, sign(exchange)));
            server.createContext("/rotate", exchange -> {
                rotate();
                send(exchange, "");
            });
            server.start();
            return Map.of("loupe.auth.oidc.issuer", issuer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private void rotate() {
        try {
            current = RsaJwkGenerator.generateJwk(2048);
            current.setKeyId("key-" + ++generation);
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private String sign(HttpExchange exchange) throws IOException {
        boolean stranger = exchange.getRequestURI().getQuery().contains("other");
        JsonWebSignature jws = new JsonWebSignature();
        jws.setPayload(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        jws.setAlgorithmHeaderValue("RS256");
        jws.setKeyIdHeaderValue(current.getKeyId());
        jws.setKey((stranger ? other : current).getPrivateKey());
        if (stranger) {
            // An attacker's own key, which a careless verifier would take from the token.
            jws.setJwkHeader(other);
        }
        try {
            return jws.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void send(HttpExchange exchange, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    @Override
    public void stop() {
        server.stop(0);
    }
}
