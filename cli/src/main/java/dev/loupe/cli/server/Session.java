package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * A person's login at an OpenID Connect provider.
 *
 * @param issuer the provider
 * @param clientId name of the command line there
 * @param accessToken what requests have
 * @param refreshToken what the next access token is asked for with; null: the provider gave none
 * @param renewAt from when on the next access token is asked for
 */
public record Session(String issuer, String clientId, String accessToken, String refreshToken, Instant renewAt) {
    static Optional<Session> of(JsonNode json) {
        if (!json.hasNonNull("accessToken")) {
            return Optional.empty();
        }
        return Optional.of(new Session(
                json.path("issuer").asText(),
                json.path("clientId").asText(),
                json.path("accessToken").asText(),
                json.path("refreshToken").asText(null),
                instant(json.path("renewAt").asText())));
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException _) {
            return Instant.EPOCH;
        }
    }

    JsonNode json() {
        return Json.object()
                .put("issuer", issuer)
                .put("clientId", clientId)
                .put("accessToken", accessToken)
                .put("refreshToken", refreshToken)
                .put("renewAt", renewAt.toString());
    }

    /** Whether the access token need not be renewed yet. */
    public boolean isCurrent() {
        return Instant.now().isBefore(renewAt);
    }
}
