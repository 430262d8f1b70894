package dev.loupe.service.access;

import dev.loupe.service.access.Caller.Kind;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;

/** Finds out who makes a request. */
@ApplicationScoped
class Authenticator {
    /** Name of the caller with the token of the configuration. */
    static final String BOOTSTRAP = "bootstrap-admin";

    private static final String SCHEME = "Bearer ";

    private final AuthConfig auth;
    private final TokenDirectory tokens;
    private final PersonTokens persons;

    Authenticator(AuthConfig auth, TokenDirectory tokens, PersonTokens persons) {
        this.persons = persons;
        this.auth = auth;
        this.tokens = tokens;
    }

    boolean isDisabled() {
        return auth.mode() == AuthMode.DISABLED;
    }

    /**
     * Returns the caller; only where authentication is not disabled.
     *
     * @param authorization values of the header or metadata {@code authorization}
     * @throws ServiceException {@code UNAUTHENTICATED}; {@code DATABASE_UNAVAILABLE} while no token is known yet
     */
    Caller authenticate(List<String> authorization) {
        if (authorization == null || authorization.isEmpty()) {
            throw unauthenticated("none");
        }
        if (authorization.size() > 1) {
            throw unauthenticated(authorization.size() + " headers");
        }
        String value = authorization.getFirst();
        if (!value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw unauthenticated("another scheme");
        }
        String token = value.substring(SCHEME.length()).strip();
        if (TokenText.isOne(token)) {
            return caller(TokenText.sha256(token));
        }
        if (auth.mode() == AuthMode.OIDC) {
            return persons.caller(token);
        }
        throw unauthenticated("a token of another form");
    }

    private Caller caller(String sha256) {
        if (auth.adminTokenSha256().filter(admin -> isEqual(admin, sha256)).isPresent()) {
            return new Caller(BOOTSTRAP, Kind.TOKEN, Tenant.DEFAULT, Role.ADMIN, Map.of(), null);
        }
        if (!tokens.isReady()) {
            throw new ServiceException(
                    ErrorCode.DATABASE_UNAVAILABLE, "the API tokens are not read from the database yet; retry later");
        }
        return tokens.find(sha256)
                .map(ApiToken::caller)
                .orElseThrow(() -> unauthenticated("one that is unknown, expired or revoked"));
    }

    private static boolean isEqual(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.US_ASCII), other.getBytes(StandardCharsets.US_ASCII));
    }

    private static ServiceException unauthenticated(String got) {
        return new ServiceException(
                ErrorCode.UNAUTHENTICATED, "Authorization: expected 'Bearer loupe_…' with an API token, got " + got);
    }
}
