package dev.loupe.inference.token;

import dev.loupe.events.v1.ApiTokenChanged;
import dev.loupe.service.access.ApiToken;
import dev.loupe.service.access.Role;
import dev.loupe.service.access.TokenDirectory;
import dev.loupe.service.inbox.EventConsumer.Handler;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.UUID;

/** Learns API tokens from the events of dataset-service. */
@ApplicationScoped
public class TokenEvents {
    private final TokenDirectory directory;

    TokenEvents(TokenDirectory directory) {
        this.directory = directory;
    }

    /** The handler of these events; {@link #finish} must follow. */
    public Handler<ApiTokenChanged> handler() {
        return new Handler<>("dev.loupe.api-token-changed.v1", ApiTokenChanged.parser(), this::apply);
    }

    private void apply(ApiTokenChanged event) {
        directory.apply(new ApiToken(
                UUID.fromString(event.getId()),
                event.getName(),
                event.getSha256(),
                Role.valueOf(event.getRole()),
                event.getProjectId().isEmpty() ? null : UUID.fromString(event.getProjectId()),
                event.getCreatedBy(),
                Instant.ofEpochMilli(event.getCreatedAt()),
                time(event.getExpiresAt()),
                time(event.getRevokedAt()),
                event.getRevision()));
    }

    private static Instant time(long millis) {
        return millis == 0 ? null : Instant.ofEpochMilli(millis);
    }

    /** Makes a change count in this replica, after its transaction. */
    public void finish() {
        directory.refreshIfStale();
    }
}
