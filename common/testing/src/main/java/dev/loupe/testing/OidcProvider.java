package dev.loupe.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.lang.JoseException;

/**
 * An OpenID Connect provider for tests: discovery, keys, a page with a login form, the authorization code flow with PKCE,
 * refresh tokens that count once, logout, and login by device code. Persons log in with their name as the password, and have
 * the roles of {@link #setRoles}. Clients: {@value #CLIENT} with the secret {@value #SECRET}, and for device codes the public
 * client {@value #COMMAND_CLIENT}.
 */
public final class OidcProvider implements AutoCloseable {
    public static final String CLIENT = "loupe-console";
    public static final String SECRET = "client-secret";
    public static final String COMMAND_CLIENT = "loupe-cli";
    /** What the services expect as an audience. */
    public static final String AUDIENCE = "loupe";

    private static final String SESSION = "provider-session";

    private final HttpServer server;
    private final String issuer;
    private final DeviceLogins devices = new DeviceLogins();
    private final RsaJsonWebKey other = key("other");
    private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
    private final Map<String, Map<String, String>> refreshTokens = new ConcurrentHashMap<>();
    /** Persons by the value of the provider's own cookie. */
    private final Map<String, String> sessions = new ConcurrentHashMap<>();

    private final Map<String, List<String>> roles = new ConcurrentHashMap<>();

    private volatile RsaJsonWebKey current;
    private volatile int generation;
    private volatile int lifetimeSeconds = 300;
    private volatile boolean down;
    private volatile boolean tokensDown;

    /** Starts on a free port of this machine, over http. */
    public OidcProvider() throws IOException {
        this(null);
    }

    /** @param tls with the certificate of the provider, over https then */
    OidcProvider(SSLContext tls) throws IOException {
        rotate();
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        server = tls == null ? HttpServer.create(address, 0) : secure(HttpsServer.create(address, 0), tls);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        issuer = (tls == null ? "http" : "https") + "://127.0.0.1:"
                + server.getAddress().getPort();
        on("/.well-known/openid-configuration", exchange -> send(exchange, 200, discovery()));
        on(
                "/keys",
                exchange -> send(exchange, 200, "{\"keys\":[" + current.toJson(OutputControlLevel.PUBLIC_ONLY) + "]}"));
        on("/authorize", this::authorize);
        on("/token", exchange -> {
            if (tokensDown) {
                send(exchange, 503, "{}");
            } else {
                token(exchange);
            }
        });
        // Browsers ask for it.
        on("/favicon.ico", exchange -> send(exchange, 200, ""));
        on("/logout", this::logout);
        on("/device", this::beginDevice);
        on("/revoke", exchange -> {
            refreshTokens.remove(form(exchange).getOrDefault("token", ""));
            send(exchange, 200, "");
        });
        server.start();
    }

    private static HttpServer secure(HttpsServer server, SSLContext tls) {
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return server;
    }

    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private void on(String path, Answer answer) {
        server.createContext(path, exchange -> {
            if (down) {
                send(exchange, 503, "{}");
            } else {
                answer.to(exchange);
            }
        });
    }

    public String issuer() {
        return issuer;
    }

    /** The person enters the code of a device, and allows its login. */
    public void allowDevice(String userCode, String person) {
        devices.allow(userCode, person);
    }

    /** As {@link #allowDevice(String, String)}, for all devices that wait. */
    public void allowDevices(String person) {
        devices.allow(null, person);
    }

    /** Ends all logins of devices with an error of RFC 8628, such as {@code access_denied} or {@code expired_token}. */
    public void refuseDevices(String error) {
        devices.refuseAll(error);
    }

    /** Answers {@code slow_down} to the next questions of devices. */
    public void slowDownDevices(int times) {
        devices.slowDown(times);
    }

    HttpServer server() {
        return server;
    }

    /** Sets the roles of tokens that are issued from now on. */
    public void setRoles(String person, String... names) {
        roles.put(person, List.of(names));
    }

    /** Sets how long access tokens count that are issued from now on. */
    public void setLifetime(int seconds) {
        lifetimeSeconds = seconds;
    }

    /** While it is down, the provider answers 503. */
    public void setDown(boolean down) {
        this.down = down;
        tokensDown = down;
    }

    /** The provider shows its pages, but issues no tokens: it answers 503 until {@link #setDown} says otherwise. */
    public void stopTokens() {
        tokensDown = true;
    }

    /** Ends all sessions of persons, as an administrator of a provider does. */
    public void endSessions() {
        sessions.clear();
        refreshTokens.clear();
    }

    /** Replaces the key that it signs with. */
    public void rotate() {
        current = key("key-" + ++generation);
    }

    private static RsaJsonWebKey key(String id) {
        try {
            RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
            key.setKeyId(id);
            return key;
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private String discovery() {
        return """
                {"issuer":"%1$s","jwks_uri":"%1$s/keys","authorization_endpoint":"%1$s/authorize",
                 "token_endpoint":"%1$s/token","end_session_endpoint":"%1$s/logout",
                 "device_authorization_endpoint":"%1$s/device","revocation_endpoint":"%1$s/revoke",
                 "response_types_supported":["code"],"subject_types_supported":["public"],
                 "id_token_signing_alg_values_supported":["RS256"],"code_challenge_methods_supported":["S256"],
                 "token_endpoint_auth_methods_supported":["client_secret_basic"],"scopes_supported":["openid"]}""".formatted(issuer);
    }

    /** Shows the form, or goes back to the client with a code. */
    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> query = parameters(exchange.getRequestURI().getRawQuery());
        if (!CLIENT.equals(query.get("client_id"))
                || !"code".equals(query.get("response_type"))
                || !"S256".equals(query.get("code_challenge_method"))
                || query.get("code_challenge") == null
                || query.get("redirect_uri") == null) {
            page(exchange, 400, "<h1>Invalid request</h1>");
            return;
        }
        String person = person(exchange);
        if (exchange.getRequestMethod().equals("POST")) {
            Map<String, String> form = form(exchange);
            if (form.containsKey("cancel")) {
                redirect(exchange, query.get("redirect_uri") + "?error=access_denied&state=" + query.get("state"));
                return;
            }
            person = Objects.equals(form.get("name"), form.get("password")) ? form.get("name") : null;
            if (person != null) {
                String session = UUID.randomUUID().toString();
                sessions.put(session, person);
                exchange.getResponseHeaders().add("Set-Cookie", SESSION + "=" + session + "; Path=/; HttpOnly");
            }
        }
        if (person == null) {
            page(exchange, 200, """
                    <h1>Log in to the factory</h1><form method="post">
                    <label>Name <input name="name"></label>
                    <label>Password <input name="password" type="password"></label>
                    <button>Log in</button> <button name="cancel" value="1">Cancel</button></form>""");
            return;
        }
        String code = UUID.randomUUID().toString();
        Map<String, String> grant = new HashMap<>(query);
        grant.put("person", person);
        codes.put(code, grant);
        redirect(exchange, query.get("redirect_uri") + "?code=" + code + "&state=" + encode(query.get("state")));
    }

    private String person(HttpExchange exchange) {
        String cookies = Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Cookie"), "");
        for (String cookie : cookies.split("; ")) {
            if (cookie.startsWith(SESSION + "=")) {
                return sessions.get(cookie.substring(SESSION.length() + 1));
            }
        }
        return null;
    }

    private void beginDevice(HttpExchange exchange) throws IOException {
        boolean known = COMMAND_CLIENT.equals(form(exchange).get("client_id"));
        send(exchange, known ? 200 : 401, known ? devices.begin(issuer) : "{\"error\":\"invalid_client\"}");
    }

    private static Map<String, String> form(HttpExchange exchange) throws IOException {
        return parameters(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    }

    private void token(HttpExchange exchange) throws IOException {
        Map<String, String> form = form(exchange);
        String expected =
                "Basic " + Base64.getEncoder().encodeToString((CLIENT + ":" + SECRET).getBytes(StandardCharsets.UTF_8));
        boolean command = COMMAND_CLIENT.equals(form.get("client_id"));
        if (!command && !expected.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            send(exchange, 401, "{\"error\":\"invalid_client\"}");
            return;
        }
        String device = form.get("device_code");
        String waits = device == null ? null : devices.error(device);
        if (waits != null) {
            send(exchange, 400, "{\"error\":\"" + waits + "\"}");
            return;
        }
        Map<String, String> grant =
                switch (Objects.requireNonNullElse(form.get("grant_type"), "")) {
                    case "authorization_code" -> redeemed(form);
                    case "urn:ietf:params:oauth:grant-type:device_code" ->
                        new HashMap<>(Map.of("person", devices.person(device)));
                    case "refresh_token" -> refreshTokens.remove(form.getOrDefault("refresh_token", ""));
                    default -> null;
                };
        if (grant == null) {
            send(exchange, 400, "{\"error\":\"invalid_grant\"}");
            return;
        }
        String refreshToken = UUID.randomUUID().toString();
        refreshTokens.put(refreshToken, grant);
        send(exchange, 200, """
                {"access_token":"%s","id_token":"%s","refresh_token":"%s","token_type":"Bearer","expires_in":%d}""".formatted(accessToken(grant), idToken(grant), refreshToken, lifetimeSeconds));
    }

    /** A code counts once, for the address that it was asked for, and for the client that knows the verifier. */
    private Map<String, String> redeemed(Map<String, String> form) {
        Map<String, String> grant = codes.remove(form.getOrDefault("code", ""));
        return grant != null
                        && grant.get("redirect_uri").equals(form.get("redirect_uri"))
                        && grant.get("code_challenge").equals(challenge(form.getOrDefault("code_verifier", "")))
                ? grant
                : null;
    }

    private static String challenge(String verifier) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An access token, as the person gets one by a login. */
    public String accessToken(String person) {
        return accessToken(Map.of("person", person));
    }

    private String accessToken(Map<String, String> grant) {
        JwtClaims claims = claims(grant.get("person"), AUDIENCE);
        claims.setClaim("roles", roles.getOrDefault(grant.get("person"), List.of()));
        // As large as those of a provider with many roles: the cookie does not fit into one.
        claims.setClaim("padding", "x".repeat(3_000));
        return sign(claims.toJson(), current, null);
    }

    private String idToken(Map<String, String> grant) {
        JwtClaims claims = claims(grant.get("person"), CLIENT);
        claims.setClaim("nonce", grant.get("nonce"));
        return sign(claims.toJson(), current, null);
    }

    private JwtClaims claims(String person, String audience) {
        long now = Instant.now().getEpochSecond();
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(issuer);
        claims.setAudience(audience);
        claims.setSubject("sub-" + person);
        claims.setClaim("preferred_username", person);
        claims.setClaim("iat", now);
        claims.setClaim("exp", now + lifetimeSeconds);
        return claims;
    }

    /**
     * Signs any claims.
     *
     * @param own whether by the provider's key, else by an attacker's, which a careless verifier would take from the token
     */
    String sign(String claims, boolean own) {
        return own ? sign(claims, current, null) : sign(claims, other, other);
    }

    private String sign(String claims, RsaJsonWebKey key, RsaJsonWebKey named) {
        JsonWebSignature jws = new JsonWebSignature();
        jws.setPayload(claims);
        jws.setAlgorithmHeaderValue("RS256");
        jws.setKeyIdHeaderValue(current.getKeyId());
        jws.setKey(key.getPrivateKey());
        if (named != null) {
            jws.setJwkHeader(named);
        }
        try {
            return jws.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends the session of the person in the token and goes back to the client. */
    private void logout(HttpExchange exchange) throws IOException {
        Map<String, String> query = parameters(exchange.getRequestURI().getRawQuery());
        try {
            String[] parts = query.getOrDefault("id_token_hint", "..").split("\\.");
            JwtClaims claims =
                    JwtClaims.parse(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8), null);
            Object person = claims.getClaimValue("preferred_username");
            sessions.values().removeIf(person::equals);
            refreshTokens.values().removeIf(grant -> person.equals(grant.get("person")));
            redirect(exchange, query.get("post_logout_redirect_uri"));
        } catch (InvalidJwtException | ArrayIndexOutOfBoundsException e) {
            page(exchange, 400, "<h1>Invalid request</h1>");
        }
    }

    private static Map<String, String> parameters(String text) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : Objects.requireNonNullElse(text, "").split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static void redirect(HttpExchange exchange, String location) throws IOException {
        exchange.getResponseHeaders().set("Location", location);
        exchange.sendResponseHeaders(303, -1);
        exchange.close();
    }

    private static void page(HttpExchange exchange, int status, String body) throws IOException {
        answer(exchange, status, "text/html", "<!doctype html><title>Test provider</title>" + body);
    }

    static void send(HttpExchange exchange, int status, String body) throws IOException {
        answer(exchange, status, "application/json", body);
    }

    private static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
