package dev.loupe.console;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The cookies of the console: the session, and a login that has begun. Pages can't read them. Thread-safe. */
final class Cookies {
    /** Browsers keep at most 4,096 bytes of a cookie with its name and attributes. */
    private static final int PART = 3_600;

    private static final int MOST_PARTS = 6;
    private static final String SESSION = "session";
    private static final String LOGIN = "login";

    private final Seal seal;
    private final boolean secure;

    /** @param secure whether browsers reach the console by https: then cookies are of this host and of https alone */
    Cookies(Seal seal, boolean secure) {
        this.seal = seal;
        this.secure = secure;
    }

    private String name(String purpose) {
        return (secure ? "__Host-loupe-" : "loupe-") + purpose;
    }

    private String part(int index) {
        return name(SESSION) + (index == 0 ? "" : "-" + index);
    }

    /** Whether the request has a cookie of a session, valid or not. */
    boolean hasSession(HttpServerRequest request) {
        return request.getCookie(part(0)) != null;
    }

    /** The session of the request; empty if it has none that counts. */
    Optional<Session> session(HttpServerRequest request) {
        StringBuilder sealed = new StringBuilder();
        for (int index = 0; index < MOST_PARTS; index++) {
            Cookie cookie = request.getCookie(part(index));
            if (cookie == null) {
                break;
            }
            sealed.append(cookie.getValue());
        }
        return seal.open(SESSION, sealed.toString()).map(Session::of);
    }

    /** @throws IllegalArgumentException if it is larger than browsers accept */
    void setSession(HttpServerRequest request, Session session) {
        String sealed = seal.seal(SESSION, session.json(), session.expires());
        int parts = (sealed.length() + PART - 1) / PART;
        if (parts > MOST_PARTS) {
            throw new IllegalArgumentException("the tokens of the provider have " + sealed.length()
                    + " characters as a cookie, expected at most " + MOST_PARTS * PART);
        }
        Duration left = Duration.between(Instant.now(), session.expires());
        for (int index = 0; index < parts; index++) {
            String text = sealed.substring(index * PART, Math.min(sealed.length(), (index + 1) * PART));
            request.response().addCookie(cookie(part(index), text, CookieSameSite.STRICT, left));
        }
        removeParts(request, parts);
    }

    void removeSession(HttpServerRequest request) {
        removeParts(request, 0);
    }

    private void removeParts(HttpServerRequest request, int from) {
        for (int index = from; index < MOST_PARTS; index++) {
            if (request.getCookie(part(index)) != null) {
                request.response().addCookie(cookie(part(index), "", CookieSameSite.STRICT, Duration.ZERO));
            }
        }
    }

    /** What was noted at the begin of the login that the request ends. */
    Optional<JsonObject> login(HttpServerRequest request) {
        return Optional.ofNullable(request.getCookie(name(LOGIN)))
                .flatMap(cookie -> seal.open(LOGIN, cookie.getValue()));
    }

    /** The provider's page leads back to the console: a cookie for requests of this site alone would not come along. */
    void setLogin(HttpServerResponse response, JsonObject begun, Duration limit) {
        String sealed = seal.seal(LOGIN, begun, Instant.now().plus(limit));
        response.addCookie(cookie(name(LOGIN), sealed, CookieSameSite.LAX, limit));
    }

    void removeLogin(HttpServerResponse response) {
        response.addCookie(cookie(name(LOGIN), "", CookieSameSite.LAX, Duration.ZERO));
    }

    private Cookie cookie(String name, String value, CookieSameSite sameSite, Duration age) {
        return Cookie.cookie(name, value)
                .setPath("/")
                .setHttpOnly(true)
                .setSecure(secure)
                .setSameSite(sameSite)
                .setMaxAge(age.toSeconds());
    }
}
