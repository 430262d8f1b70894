package dev.loupe.service.idempotency;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;

/**
 * Makes a POST safe to repeat: the first answer under an {@code Idempotency-Key} is kept, in the transaction that made
 * it, and given again to whoever repeats the request. Only answers below 400 are kept.
 */
@ApplicationScoped
public class Idempotency {
    /** Name of the request header. */
    public static final String HEADER = "Idempotency-Key";

    private final Jdbi jdbi;
    private final ObjectMapper json;

    private record Kept(String fingerprint, int status, String body) {}

    Idempotency(Jdbi jdbi, ObjectMapper json) {
        this.jdbi = jdbi;
        this.json = json;
    }

    /**
     * Runs the action, or gives the answer that it gave before under this key.
     *
     * @param scope what the key is for, such as {@code POST /projects}: keys of different scopes do not meet
     * @param key as the client sent it; null: the action simply runs
     * @param fingerprint what makes two requests the same, such as the body or its digest
     * @throws ServiceException {@code IDEMPOTENCY_KEY_REUSED} if the key came with another fingerprint
     */
    @Transactional
    public Response once(String scope, String key, String fingerprint, Supplier<Response> action) {
        if (key == null || key.isBlank()) {
            return action.get();
        }
        if (key.length() > 255) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, HEADER + ": expected at most 255 characters, got " + key.length());
        }
        jdbi.useHandle(handle -> handle.createQuery("select pg_advisory_xact_lock(hashtextextended(:name, 0)) is null")
                .bind("name", scope + "\n" + key)
                .mapTo(Boolean.class)
                .one()); // two requests at once: the second waits for the first one's answer
        Optional<Kept> kept = find(scope, key);
        if (kept.isPresent()) {
            return repeat(key, fingerprint, kept.get());
        }
        Response answer = action.get();
        if (answer.getStatus() < 400) {
            keep(scope, key, fingerprint, answer);
        }
        return answer;
    }

    private static Response repeat(String key, String fingerprint, Kept kept) {
        if (!kept.fingerprint().equals(fingerprint)) {
            throw new ServiceException(
                    ErrorCode.IDEMPOTENCY_KEY_REUSED, HEADER + " '" + key + "' was used for another request");
        }
        return Response.status(kept.status())
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(kept.body())
                .build();
    }

    private Optional<Kept> find(String scope, String key) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select fingerprint, status, body from idempotency where scope = :scope and key = :key")
                .bind("scope", scope)
                .bind("key", key)
                .map((rs, _) -> new Kept(rs.getString(1), rs.getInt(2), rs.getString(3)))
                .findOne());
    }

    private void keep(String scope, String key, String fingerprint, Response answer) {
        String body = write(answer.getEntity());
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into idempotency (scope, key, fingerprint, status, body)
                        values (:scope, :key, :fingerprint, :status, :body)""")
                .bind("scope", scope)
                .bind("key", key)
                .bind("fingerprint", fingerprint)
                .bind("status", answer.getStatus())
                .bind("body", body)
                .execute());
    }

    private String write(Object entity) {
        try {
            return json.writeValueAsString(entity);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // our own records
        }
    }
}
