package dev.loupe.console;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Optional;

/**
 * Who is logged in, in the cookie of a browser.
 *
 * @param token what the services get: an API token, or an access token of the provider
 * @param expires when the person must log in again
 * @param grant what the provider gave besides the access token; null for an API token
 */
record Session(String token, Instant expires, Grant grant) {
    /**
     * The provider's part of a session.
     *
     * @param refreshToken gets the next access token; null if the provider gave none
     * @param idToken names the session to the provider at the logout; null if it gave none
     * @param renewFrom from when on the next access token is asked for
     * @param tokenExpires until when the access token counts
     */
    record Grant(String refreshToken, String idToken, Instant renewFrom, Instant tokenExpires) {}

    /** Whether the next access token should be asked for. */
    boolean isToRenew(Instant now) {
        return grant != null && !now.isBefore(grant.renewFrom);
    }

    /** Whether the services still accept the token, as far as the console knows. */
    boolean isUsable(Instant now) {
        return grant == null || now.isBefore(grant.tokenExpires);
    }

    JsonObject json() {
        JsonObject json = new JsonObject().put("token", token).put("expires", expires.getEpochSecond());
        if (grant != null) {
            json.put("refresh", grant.refreshToken)
                    .put("id", grant.idToken)
                    .put("renew", grant.renewFrom.getEpochSecond())
                    .put("until", grant.tokenExpires.getEpochSecond());
        }
        return json;
    }

    static Session of(JsonObject json) {
        Grant grant = Optional.ofNullable(json.getLong("renew"))
                .map(renew -> new Grant(
                        json.getString("refresh"),
                        json.getString("id"),
                        Instant.ofEpochSecond(renew),
                        Instant.ofEpochSecond(json.getLong("until"))))
                .orElse(null);
        return new Session(json.getString("token"), Instant.ofEpochSecond(json.getLong("expires")), grant);
    }
}
