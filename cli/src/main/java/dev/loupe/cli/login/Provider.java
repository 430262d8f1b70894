package dev.loupe.cli.login;

import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.GeneralException;
import com.nimbusds.oauth2.sdk.OAuth2Error;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.Request;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.TokenRevocationRequest;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationRequest;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationResponse;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationSuccessResponse;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.token.RefreshToken;
import com.nimbusds.oauth2.sdk.token.Tokens;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Session;
import dev.loupe.client.ClientTls;
import dev.loupe.tls.TlsAuthorities;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;

/**
 * An OpenID Connect provider, as a command on a machine without a browser uses it (RFC 8628). The command line is a public
 * client: it has no secret. Methods wait for the provider, and throw a {@link CommandException} with its reason.
 */
final class Provider {
    private static final int TIMEOUT_MILLIS = 10_000;
    /** Where the provider does not say how long an access token counts. */
    private static final Duration UNKNOWN_LIFETIME = Duration.ofMinutes(5);
    /** A token is renewed this long before it expires, or in the last quarter of a shorter life. */
    private static final Duration AHEAD = Duration.ofSeconds(30);

    private final String issuer;
    private final ClientID clientId;
    private final SSLSocketFactory sockets;
    private final OIDCProviderMetadata metadata;

    /** The provider refused what it was asked for. */
    static final class RefusedException extends CommandException {
        private static final long serialVersionUID = 1L;

        private final transient ErrorObject error;

        RefusedException(String message, ErrorObject error) {
            super(message);
            this.error = error;
        }

        boolean is(ErrorObject other) {
            return other.getCode().equals(error.getCode());
        }
    }

    /** The provider does not answer. */
    static final class UnavailableException extends CommandException {
        private static final long serialVersionUID = 1L;

        UnavailableException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Reads what the provider says about itself.
     *
     * @param tls whose authorities are those of the provider, too
     */
    Provider(String issuer, String clientId, ClientTls tls) {
        this.issuer = issuer;
        this.clientId = new ClientID(clientId);
        this.sockets = TlsAuthorities.context(tls.authorities(), null).getSocketFactory();
        try {
            this.metadata = OIDCProviderMetadata.resolve(new Issuer(issuer), this::configure);
        } catch (IOException e) {
            throw away(LoginOptions.reason(e), e);
        } catch (GeneralException e) {
            throw away(e.getMessage(), e);
        }
    }

    private UnavailableException away(String reason, Exception cause) {
        return new UnavailableException("the provider " + issuer + " does not answer: " + reason, cause);
    }

    private void configure(HTTPRequest request) {
        request.setConnectTimeout(TIMEOUT_MILLIS);
        request.setReadTimeout(TIMEOUT_MILLIS);
        request.setFollowRedirects(false);
        request.setSSLSocketFactory(sockets);
    }

    /** Asks for a code that the person enters at the provider. */
    DeviceAuthorizationSuccessResponse begin(List<String> scopes) {
        URI endpoint = Optional.ofNullable(metadata.getDeviceAuthorizationEndpointURI())
                .orElseThrow(() -> new CommandException("the provider " + issuer + " has no login by device code"
                        + " (RFC 8628): log in with an API token: ./loupe login --token"));
        HTTPResponse answer = send(new DeviceAuthorizationRequest.Builder(clientId)
                .scope(Scope.parse(scopes))
                .endpointURI(endpoint)
                .build());
        try {
            DeviceAuthorizationResponse response = DeviceAuthorizationResponse.parse(answer);
            if (response.indicatesSuccess()) {
                return response.toSuccessResponse();
            }
            throw refused(response.toErrorResponse().getErrorObject());
        } catch (ParseException e) {
            throw unexpected(endpoint, answer, e);
        }
    }

    /** Exchanges a grant for a session. */
    Session redeem(AuthorizationGrant grant) {
        HTTPResponse answer = send(new TokenRequest.Builder(metadata.getTokenEndpointURI(), clientId, grant).build());
        try {
            TokenResponse response = TokenResponse.parse(answer);
            if (response.indicatesSuccess()) {
                return session(response.toSuccessResponse().getTokens());
            }
            throw refused(response.toErrorResponse().getErrorObject());
        } catch (ParseException e) {
            throw unexpected(metadata.getTokenEndpointURI(), answer, e);
        }
    }

    private Session session(Tokens tokens) {
        long seconds = tokens.getAccessToken().getLifetime();
        Duration lifetime = seconds > 0 ? Duration.ofSeconds(seconds) : UNKNOWN_LIFETIME;
        Duration ahead = AHEAD.compareTo(lifetime.dividedBy(4)) < 0 ? AHEAD : lifetime.dividedBy(4);
        return new Session(
                issuer,
                clientId.getValue(),
                tokens.getAccessToken().getValue(),
                Optional.ofNullable(tokens.getRefreshToken())
                        .map(RefreshToken::getValue)
                        .orElse(null),
                Instant.now().plus(lifetime).minus(ahead));
    }

    /** The session with the next access token. */
    Session renew(Session session) {
        Session next = redeem(new RefreshTokenGrant(new RefreshToken(session.refreshToken())));
        return next.refreshToken() != null
                ? next
                : new Session(issuer, next.clientId(), next.accessToken(), session.refreshToken(), next.renewAt());
    }

    /** Whether the refresh token can't be used any more from now on; false: the provider revokes none. */
    boolean revoke(Session session) {
        URI endpoint = metadata.getRevocationEndpointURI();
        if (endpoint == null || session.refreshToken() == null) {
            return false;
        }
        HTTPResponse answer =
                send(new TokenRevocationRequest(endpoint, clientId, new RefreshToken(session.refreshToken())));
        return answer.indicatesSuccess();
    }

    private HTTPResponse send(Request message) {
        HTTPRequest request = message.toHTTPRequest();
        configure(request);
        try {
            HTTPResponse answer = request.send();
            if (answer.getStatusCode() >= 500) {
                throw away(request.getURI() + " answered " + answer.getStatusCode(), null);
            }
            return answer;
        } catch (IOException e) {
            throw away(LoginOptions.reason(e), e);
        }
    }

    private RefusedException refused(ErrorObject error) {
        ErrorObject known = error.getCode() == null ? OAuth2Error.INVALID_REQUEST : error;
        String description = known.getDescription() == null ? "" : ": " + known.getDescription();
        return new RefusedException("the provider " + issuer + " refused: " + known.getCode() + description, known);
    }

    private static CommandException unexpected(URI endpoint, HTTPResponse answer, ParseException cause) {
        return new CommandException(
                endpoint + " answered with status " + answer.getStatusCode() + ": " + cause.getMessage(), cause);
    }
}
