package dev.loupe.console;

import dev.loupe.console.LoginFailure.Reason;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Optional;

/**
 * Gives a request of a browser the token of its session. The services get a token from here alone: what the browser sent
 * as one is removed, and so is the name of an actor. A program has no cookie and sends its token itself.
 */
@Singleton
class Gate {
    private static final String ACTOR = "X-Loupe-Actor";
    private static final Future<Optional<Problem>> ADMITTED = Future.succeededFuture(Optional.empty());

    private final Login login;
    private final Renewals renewals;

    Gate(Login login, Renewals renewals) {
        this.login = login;
        this.renewals = renewals;
    }

    /** Changes the headers to those that the service gets, or says why the request is refused. */
    Future<Optional<Problem>> admit(HttpServerRequest request) {
        if (!login.isRequired()) {
            return ADMITTED;
        }
        request.headers().remove(ACTOR);
        boolean hasSession = login.cookies().hasSession(request);
        if (!hasSession && !SameOrigin.isOfBrowser(request)) {
            return ADMITTED;
        }
        Optional<Problem> foreign = hasSession && !SameOrigin.isReading(request)
                ? SameOrigin.refusal(request, login.origin())
                : Optional.empty();
        if (foreign.isPresent()) {
            return Future.succeededFuture(foreign);
        }
        Optional<Session> session = login.cookies().session(request);
        if (session.isEmpty()) {
            return end(request);
        }
        return session.get().isToRenew(Instant.now()) ? renew(request, session.get()) : forward(request, session.get());
    }

    private Future<Optional<Problem>> renew(HttpServerRequest request, Session session) {
        // The body waits until the service reads it.
        request.pause();
        return renewals.renew(session)
                .compose(renewed -> {
                    login.cookies().setSession(request, renewed);
                    return forward(request, renewed);
                })
                .recover(failure -> {
                    if (failure instanceof LoginFailure known && known.reason() == Reason.PROVIDER_UNAVAILABLE) {
                        return session.isUsable(Instant.now())
                                ? forward(request, session)
                                : Future.succeededFuture(Optional.of(Problem.loginUnavailable()));
                    }
                    return end(request);
                });
    }

    private static Future<Optional<Problem>> forward(HttpServerRequest request, Session session) {
        request.headers().remove(HttpHeaders.COOKIE).set(HttpHeaders.AUTHORIZATION, "Bearer " + session.token());
        return ADMITTED;
    }

    private Future<Optional<Problem>> end(HttpServerRequest request) {
        login.cookies().removeSession(request);
        return Future.succeededFuture(Optional.of(Problem.unauthenticated()));
    }
}
