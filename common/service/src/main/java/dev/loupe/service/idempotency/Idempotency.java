package dev.loupe.service.idempotency;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Status;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;

/**
 * Makes a POST safe to repeat. The first response for an {@code Idempotency-Key} is stored in the transaction that has
 * the effect, and is returned for every repeated request. Only responses below 400 are stored.
 *
 * <p>No database connection is held while a request waits or computes. First, a stored response is looked up; then the
 * long-running preparation runs outside a transaction; then one short transaction has the effect and stores the
 * response. Of identical concurrent requests, each may prepare, one has the effect, and the others get its response.
 */
@ApplicationScoped
public class Idempotency {
    /** Name of the request header. */
    public static final String HEADER = "Idempotency-Key";

    private static final int MAX_KEY_LENGTH = 255;
    private static final int MAX_EFFECT_SECONDS = 600;

    private final Jdbi jdbi;
    private final ObjectMapper json;
    private final RetryPolicy<Object> whileAnotherIsInProgress = RetryPolicy.builder()
            .handleIf(e -> e instanceof ServiceException refused && refused.code() == ErrorCode.IDEMPOTENCY_KEY_IN_USE)
            .withMaxRetries(-1)
            .withBackoff(Duration.ofMillis(20), Duration.ofSeconds(1))
            .withJitter(0.3)
            .withMaxDuration(Duration.ofSeconds(10))
            .build();

    private final CurrentCaller caller;

    private record Kept(String fingerprint, int status, String body) {}

    Idempotency(Jdbi jdbi, ObjectMapper json, CurrentCaller caller) {
        this.caller = caller;
        this.jdbi = jdbi;
        this.json = json;
    }

    /**
     * Runs the effect in a transaction, or returns the response stored for this key. The effect must be short: it must
     * neither decode nor wait.
     *
     * @see #once(String, String, String, Supplier, Function)
     */
    public Response once(String scope, String key, String fingerprint, Supplier<Response> effect) {
        return once(scope, key, fingerprint, () -> "", _ -> effect.get());
    }

    /**
     * Runs the preparation without a transaction, then the effect in one; or returns the response stored for this key
     * and runs neither. Must not be called within a transaction.
     *
     * @param operation scope of the key, such as {@code POST /projects}: equal keys of different scopes, and of callers of
     *     different tenants, are independent
     * @param key key that the client sent; null: preparation and effect run unconditionally
     * @param fingerprint identifies the content of the request, such as the body or its digest
     * @param preparation long-running work that may be repeated: decoding, writing objects, waiting for a model
     * @param effect short work on the result of the preparation; runs once, in a transaction
     * @throws ServiceException {@code IDEMPOTENCY_KEY_REUSED} if the key was used with another fingerprint; {@code
     *     IDEMPOTENCY_KEY_IN_USE} if an identical request is running its effect and does not end
     */
    public <T> Response once(
            String operation, String key, String fingerprint, Supplier<T> preparation, Function<T, Response> effect) {
        if (QuarkusTransaction.getStatus() != Status.STATUS_NO_TRANSACTION) {
            throw new IllegalStateException("called within a transaction, which would hold its connection");
        }
        if (key == null || key.isBlank()) {
            T prepared = preparation.get();
            return inTransaction(() -> effect.apply(prepared));
        }
        Fields.atMost(HEADER, key, MAX_KEY_LENGTH);
        String scope = Tenant.beforeProjects(caller.get().tenant()) + operation;
        Optional<Response> before = find(scope, key, fingerprint);
        if (before.isPresent()) {
            return before.get();
        }
        T prepared = preparation.get();
        return Failsafe.with(whileAnotherIsInProgress)
                .get(() -> inTransaction(() -> {
                    lock(scope, key);
                    return find(scope, key, fingerprint).orElseGet(() -> {
                        Response answer = effect.apply(prepared);
                        if (answer.getStatus() < 400) {
                            keep(scope, key, fingerprint, answer);
                        }
                        return answer;
                    });
                }));
    }

    private static Response inTransaction(Callable<Response> action) {
        return QuarkusTransaction.requiringNew().timeout(MAX_EFFECT_SECONDS).call(action);
    }

    /** Fails if the lock is taken instead of waiting: a waiting request would hold a connection. */
    private void lock(String scope, String key) {
        boolean ours = jdbi.withHandle(
                handle -> handle.createQuery("select pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
                        .bind("name", scope + "\n" + key)
                        .mapTo(Boolean.class)
                        .one());
        if (!ours) {
            throw new ServiceException(
                    ErrorCode.IDEMPOTENCY_KEY_IN_USE,
                    HEADER + " '" + key + "': a request with this key is in progress; retry to get its response");
        }
    }

    private Optional<Response> find(String scope, String key, String fingerprint) {
        return find(scope, key).map(kept -> repeat(key, fingerprint, kept));
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
            throw new IllegalStateException(e); // our own records always serialize
        }
    }
}
