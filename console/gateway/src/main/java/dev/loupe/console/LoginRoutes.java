package dev.loupe.console;

import com.nimbusds.oauth2.sdk.AuthorizationErrorResponse;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationResponse;
import com.nimbusds.openid.connect.sdk.AuthenticationResponseParser;
import com.nimbusds.openid.connect.sdk.Nonce;
import dev.loupe.console.LoginFailure.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Login and logout of a browser, below {@code /auth/}. The page that asks for it is {@code /login}, one of the console's. */
@ApplicationScoped
class LoginRoutes {
    /** What all paths begin with. */
    static final String BELOW = "/auth/";

    static final String CALLBACK = BELOW + "callback";

    private static final Logger LOG = Logger.getLogger(LoginRoutes.class);
    private static final int LONGEST_BODY = 8_192;
    /** Longest time that a person has on the provider's page. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Vertx vertx;
    private final Login login;
    private final CallerCheck check;

    LoginRoutes(Vertx vertx, Login login, CallerCheck check) {
        this.vertx = vertx;
        this.login = login;
        this.check = check;
    }

    void register(@Observes Router router) {
        router.route(BELOW + "*").handler(routing -> {
            routing.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
            routing.next();
        });
        router.get(BELOW + "options").handler(this::options);
        if (login.isRequired()) {
            router.post(BELOW + "token").handler(this::requireOwnPage);
            router.post(BELOW + "token")
                    .handler(BodyHandler.create(false).setBodyLimit(LONGEST_BODY))
                    .handler(this::acceptToken);
            router.post(BELOW + "logout").handler(this::requireOwnPage).handler(this::logout);
        }
        login.openIdProvider().ifPresent(provider -> {
            router.get(BELOW + "login").handler(routing -> begin(routing, provider));
            router.get(CALLBACK).handler(routing -> end(routing, provider));
        });
        router.route(BELOW + "*")
                .handler(routing -> Problem.noResource(routing.request().path()).send(routing.request()));
    }

    /** How a person can log in here, in the console and in the command line. */
    private void options(RoutingContext routing) {
        JsonObject options = new JsonObject()
                .put("mode", login.mode())
                .put("provider", login.openIdProvider().isPresent());
        if (login.openIdProvider().isPresent()) {
            login.oidc().commandClientId().ifPresent(client -> options.put(
                            "issuer", login.oidc().issuer().orElseThrow())
                    .put("commandClientId", client)
                    .put("scopes", new JsonArray(login.oidc().scopes())));
        }
        routing.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(options.toBuffer());
    }

    private void requireOwnPage(RoutingContext routing) {
        // A body that is too long is not read to its end.
        routing.response().putHeader(HttpHeaders.CONNECTION, "close");
        SameOrigin.refusal(routing.request(), login.origin())
                .ifPresentOrElse(problem -> problem.send(routing.request()), routing::next);
    }

    private void acceptToken(RoutingContext routing) {
        Optional<String> token = token(routing);
        if (token.isEmpty()) {
            Problem.invalid("expected {\"token\": \"loupe_…\"}").send(routing.request());
            return;
        }
        HttpServerRequest request = routing.request();
        check.check(token.get()).onSuccess(result -> {
            switch (result) {
                case ACCEPTED -> {
                    login.cookies()
                            .setSession(
                                    request,
                                    new Session(token.get(), Instant.now().plus(login.sessionLimit()), null));
                    routing.response().setStatusCode(204).end();
                }
                case REFUSED -> Problem.tokenRefused().send(routing.request());
                case UNAVAILABLE -> Problem.unavailable(Service.DATASET).send(routing.request());
            }
        });
    }

    private static Optional<String> token(RoutingContext routing) {
        String type = routing.request().getHeader(HttpHeaders.CONTENT_TYPE);
        if (type == null || !type.startsWith("application/json")) {
            return Optional.empty();
        }
        try {
            JsonObject body = routing.body().asJsonObject();
            return body != null && body.getValue("token") instanceof String text && text.matches("loupe_[\\w-]{43}")
                    ? Optional.of(text)
                    : Optional.empty();
        } catch (DecodeException | ClassCastException _) {
            return Optional.empty();
        }
    }

    /** Sends the browser to the provider. */
    private void begin(RoutingContext routing, Provider provider) {
        String to = ReturnPath.of(routing.request().getParam("to"));
        String state = new State().getValue();
        String nonce = new Nonce().getValue();
        String verifier = new CodeVerifier().getValue();
        vertx.executeBlocking(() -> provider.loginPage(state, nonce, verifier), false)
                .onSuccess(page -> {
                    JsonObject begun = new JsonObject()
                            .put("state", state)
                            .put("nonce", nonce)
                            .put("verifier", verifier)
                            .put("to", to);
                    login.cookies().setLogin(routing.response(), begun, PATIENCE);
                    redirect(routing, page.toString());
                })
                .onFailure(failure -> failed(routing, failure, to));
    }

    /** The provider sent the browser back. */
    private void end(RoutingContext routing, Provider provider) {
        Optional<JsonObject> begun = login.cookies().login(routing.request());
        login.cookies().removeLogin(routing.response());
        String to = ReturnPath.of(begun.map(noted -> noted.getString("to")).orElse(null));
        try {
            JsonObject noted = begun.orElseThrow(
                    () -> new LoginFailure(Reason.EXPIRED, "the browser has no login that has begun"));
            String code = code(routing, provider, noted.getString("state"));
            vertx.executeBlocking(
                            () -> provider.redeem(code, noted.getString("verifier"), noted.getString("nonce")), false)
                    .compose(this::acceptedByServices)
                    .onSuccess(session -> {
                        login.cookies().setSession(routing.request(), session);
                        redirect(routing, to);
                    })
                    .onFailure(failure -> failed(routing, failure, to));
        } catch (LoginFailure failure) {
            failed(routing, failure, to);
        }
    }

    private static String code(RoutingContext routing, Provider provider, String state) throws LoginFailure {
        Map<String, List<String>> parameters = routing.queryParams().names().stream()
                .collect(Collectors.toMap(
                        name -> name, name -> routing.queryParams().getAll(name)));
        try {
            AuthenticationResponse response = AuthenticationResponseParser.parse(provider.callback(), parameters);
            if (response.getState() == null || !response.getState().getValue().equals(state)) {
                throw new LoginFailure(Reason.EXPIRED, "the state is not that of the login that has begun");
            }
            if (response.getIssuer() != null && !provider.isIssuer(response.getIssuer())) {
                throw new LoginFailure(Reason.PROVIDER_FAILED, "the response is of another issuer");
            }
            if (!response.indicatesSuccess()) {
                AuthorizationErrorResponse refusal = response.toErrorResponse();
                throw new LoginFailure(
                        "access_denied".equals(refusal.getErrorObject().getCode())
                                ? Reason.DENIED
                                : Reason.PROVIDER_FAILED,
                        "the provider answered " + refusal.getErrorObject());
            }
            return response.toSuccessResponse().getAuthorizationCode().getValue();
        } catch (ParseException e) {
            throw new LoginFailure(Reason.EXPIRED, "not a response of a provider: " + e.getMessage(), e);
        }
    }

    private Future<Session> acceptedByServices(Session session) {
        return check.check(session.token()).compose(result -> switch (result) {
            case ACCEPTED -> Future.succeededFuture(session);
            case REFUSED ->
                Future.failedFuture(new LoginFailure(
                        Reason.REFUSED,
                        "dataset-service refuses the provider's access token: compare loupe.auth.oidc.* of the services"
                                + " with its issuer, audience and claims"));
            case UNAVAILABLE ->
                Future.failedFuture(new LoginFailure(Reason.SERVICE_UNAVAILABLE, "dataset-service does not answer"));
        });
    }

    /** Forgets the session. The page goes on at the location of the response: the provider's logout, if it has one. */
    private void logout(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        Optional<Session> session = login.cookies().session(request);
        login.cookies().removeSession(request);
        Future<Optional<URI>> page = login.openIdProvider().isPresent() && session.isPresent()
                ? vertx.executeBlocking(() -> login.openIdProvider().get().logoutPage(session.get()), false)
                : Future.succeededFuture(Optional.empty());
        page.onComplete(found -> routing.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(new JsonObject()
                        .put(
                                "location",
                                found.succeeded()
                                        ? found.result().map(URI::toString).orElse("/login")
                                        : "/login")
                        .toBuffer()));
    }

    private static void failed(RoutingContext routing, Throwable failure, String to) {
        Reason reason = failure instanceof LoginFailure known ? known.reason() : Reason.PROVIDER_FAILED;
        LOG.log(
                failure instanceof LoginFailure ? Logger.Level.INFO : Logger.Level.ERROR,
                "login failed: " + reason + ": " + failure.getMessage(),
                failure instanceof LoginFailure ? null : failure);
        redirect(routing, "/login?problem=" + reason + "&to=" + URLEncoder.encode(to, StandardCharsets.UTF_8));
    }

    private static void redirect(RoutingContext routing, String location) {
        routing.response()
                .setStatusCode(303)
                .putHeader(HttpHeaders.LOCATION, location)
                .end();
    }
}
