package dev.loupe.console;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Gets the next access tokens of sessions. A page sends several requests at once: all that have the same refresh token get
 * one renewed session, because a provider may accept each refresh token once.
 */
@Singleton
class Renewals {
    private static final Logger LOG = Logger.getLogger(Renewals.class);
    /** How long requests that were sent before the browser had the new cookie may still arrive. */
    private static final Duration KEPT = Duration.ofSeconds(30);

    private final Vertx vertx;
    private final Login login;
    private final Map<String, Future<Session>> renewed = new ConcurrentHashMap<>();

    Renewals(Vertx vertx, Login login) {
        this.vertx = vertx;
        this.login = login;
    }

    /** Returns the session with the next access token, or fails with a {@link LoginFailure}. */
    Future<Session> renew(Session session) {
        String refreshToken = session.grant().refreshToken();
        if (refreshToken == null || login.openIdProvider().isEmpty()) {
            return Future.failedFuture(new LoginFailure(LoginFailure.Reason.EXPIRED, "the session can't be renewed"));
        }
        Provider provider = login.openIdProvider().get();
        Future<Session> shared =
                renewed.computeIfAbsent(refreshToken, _ -> vertx.executeBlocking(() -> provider.renew(session), false)
                        .onFailure(failure -> {
                            LOG.infof("a session could not be renewed: %s", failure.getMessage());
                            vertx.runOnContext(_ -> renewed.remove(refreshToken));
                        })
                        .onSuccess(_ -> vertx.setTimer(KEPT.toMillis(), _ -> renewed.remove(refreshToken))));
        // Each request goes on in its own thread, not in that of the first one.
        Context own = vertx.getOrCreateContext();
        Promise<Session> result = Promise.promise();
        shared.onComplete(done -> own.runOnContext(_ -> result.handle(done)));
        return result.future();
    }
}
