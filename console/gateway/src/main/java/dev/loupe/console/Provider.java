package dev.loupe.console;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.GeneralException;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.RefreshToken;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.LogoutRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.token.OIDCTokens;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import dev.loupe.console.LoginFailure.Reason;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLSocketFactory;

/**
 * The OpenID Connect provider: authorization code flow with PKCE, renewal and logout. Its methods wait for the provider.
 * Thread-safe.
 */
class Provider {
    /** Of asymmetric keys only, as the services accept them. */
    private static final Set<JWSAlgorithm> ALGORITHMS = algorithms();

    private static final int CLOCK_SKEW_SECONDS = 60;
    /** Of the provider's set of keys, in bytes. */
    private static final int LONGEST_KEYS = 1 << 20;
    /** Where the provider does not say how long an access token counts. */
    private static final Duration UNKNOWN_LIFETIME = Duration.ofMinutes(5);
    /** A token is renewed this long before it expires, or in the last quarter of a shorter life. */
    private static final Duration AHEAD = Duration.ofSeconds(30);

    private final Issuer issuer;
    private final ClientID clientId;
    private final LoginConfig.Oidc config;
    private final SSLSocketFactory sockets;
    private final URI console;
    private final Duration sessionLimit;

    /** What the provider says about itself; read at the first login. */
    private volatile Known known;

    private record Known(OIDCProviderMetadata metadata, IDTokenValidator validator) {}

    /**
     * @param sockets for connections to the provider, which trust its authorities
     * @param console the address of the console, without a path
     */
    Provider(
            String issuer,
            String clientId,
            LoginConfig.Oidc config,
            SSLSocketFactory sockets,
            URI console,
            Duration sessionLimit) {
        this.issuer = new Issuer(issuer);
        this.clientId = new ClientID(clientId);
        this.config = config;
        this.sockets = sockets;
        this.console = console;
        this.sessionLimit = sessionLimit;
    }

    private static Set<JWSAlgorithm> algorithms() {
        Set<JWSAlgorithm> algorithms = new HashSet<>(JWSAlgorithm.Family.SIGNATURE);
        algorithms.add(JWSAlgorithm.EdDSA);
        return Set.copyOf(algorithms);
    }

    /** Where the provider sends the browser after the login. */
    URI callback() {
        return console.resolve(LoginRoutes.CALLBACK);
    }

    boolean isIssuer(Issuer other) {
        return issuer.equals(other);
    }

    /** The provider's page where a person logs in. */
    URI loginPage(String state, String nonce, String verifier) throws LoginFailure {
        AuthenticationRequest.Builder request = new AuthenticationRequest.Builder(
                new ResponseType(ResponseType.Value.CODE), Scope.parse(config.scopes()), clientId, callback());
        return request.endpointURI(known().metadata.getAuthorizationEndpointURI())
                .state(new State(state))
                .nonce(new Nonce(nonce))
                .codeChallenge(new CodeVerifier(verifier), CodeChallengeMethod.S256)
                .build()
                .toURI();
    }

    /** The session of the person that the provider sent back with this code. */
    Session redeem(String code, String verifier, String nonce) throws LoginFailure {
        OIDCTokens tokens = tokens(
                new AuthorizationCodeGrant(new AuthorizationCode(code), callback(), new CodeVerifier(verifier)),
                Reason.PROVIDER_FAILED);
        if (tokens.getIDToken() == null) {
            throw new LoginFailure(
                    Reason.PROVIDER_FAILED, "the provider gave no ID token: loupe.auth.oidc.scopes lacks openid");
        }
        try {
            known().validator.validate(tokens.getIDToken(), new Nonce(nonce));
        } catch (BadJOSEException | JOSEException e) {
            throw new LoginFailure(Reason.PROVIDER_FAILED, "ID token: " + e.getMessage(), e);
        }
        Instant now = Instant.now();
        return session(tokens, null, tokens.getIDTokenString(), now.plus(sessionLimit), now);
    }

    /** The session with the next access token; its end stays. */
    Session renew(Session session) throws LoginFailure {
        Session.Grant grant = session.grant();
        OIDCTokens tokens = tokens(new RefreshTokenGrant(new RefreshToken(grant.refreshToken())), Reason.EXPIRED);
        return session(tokens, grant.refreshToken(), grant.idToken(), session.expires(), Instant.now());
    }

    private static Session session(OIDCTokens tokens, String refresh, String idToken, Instant end, Instant now) {
        String next = Optional.ofNullable(tokens.getRefreshToken())
                .map(RefreshToken::getValue)
                .orElse(refresh);
        long seconds = tokens.getAccessToken().getLifetime();
        Duration lifetime = seconds > 0 ? Duration.ofSeconds(seconds) : UNKNOWN_LIFETIME;
        Duration ahead = AHEAD.compareTo(lifetime.dividedBy(4)) < 0 ? AHEAD : lifetime.dividedBy(4);
        Instant until = now.plus(lifetime);
        Instant expires = next == null && until.isBefore(end) ? until : end;
        return new Session(
                tokens.getAccessToken().getValue(),
                expires,
                new Session.Grant(next, idToken, next == null ? until : until.minus(ahead), until));
    }

    /** @param refused what a refusal of the grant means */
    private OIDCTokens tokens(AuthorizationGrant grant, Reason refused) throws LoginFailure {
        OIDCProviderMetadata metadata = known().metadata;
        URI endpoint = metadata.getTokenEndpointURI();
        TokenRequest request = authentication(metadata)
                .map(secret -> new TokenRequest.Builder(endpoint, secret, grant).build())
                .orElseGet(() -> new TokenRequest.Builder(endpoint, clientId, grant).build());
        try {
            HTTPRequest http = request.toHTTPRequest();
            configure(http);
            http.setFollowRedirects(false);
            HTTPResponse answer = http.send();
            if (answer.getStatusCode() >= 500) {
                throw new LoginFailure(Reason.PROVIDER_UNAVAILABLE, endpoint + " answered " + answer.getStatusCode());
            }
            TokenResponse response = OIDCTokenResponseParser.parse(answer);
            if (!response.indicatesSuccess()) {
                String error = String.valueOf(response.toErrorResponse().getErrorObject());
                boolean grantRefused = error.contains("invalid_grant");
                throw new LoginFailure(
                        grantRefused ? refused : Reason.PROVIDER_FAILED, endpoint + " refused: " + error);
            }
            return response.toSuccessResponse().getTokens().toOIDCTokens();
        } catch (IOException e) {
            known = null;
            throw new LoginFailure(Reason.PROVIDER_UNAVAILABLE, endpoint + ": " + e.getMessage(), e);
        } catch (ParseException e) {
            throw new LoginFailure(Reason.PROVIDER_FAILED, endpoint + ": " + e.getMessage(), e);
        }
    }

    private void configure(HTTPRequest request) {
        request.setConnectTimeout(timeoutMillis());
        request.setReadTimeout(timeoutMillis());
        request.setSSLSocketFactory(sockets);
    }

    private int timeoutMillis() {
        return (int) config.timeout().toMillis();
    }

    private Optional<ClientAuthentication> authentication(OIDCProviderMetadata metadata) {
        List<ClientAuthenticationMethod> methods = Optional.ofNullable(metadata.getTokenEndpointAuthMethods())
                .orElse(List.of(ClientAuthenticationMethod.CLIENT_SECRET_BASIC));
        boolean post = methods.contains(ClientAuthenticationMethod.CLIENT_SECRET_POST)
                && !methods.contains(ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
        return config.clientSecret()
                .map(Secret::new)
                .map(secret -> post ? new ClientSecretPost(clientId, secret) : new ClientSecretBasic(clientId, secret));
    }

    /** The provider's page that ends its own session, too; empty if it has none or can't be reached. */
    Optional<URI> logoutPage(Session session) {
        try {
            URI endpoint = known().metadata.getEndSessionEndpointURI();
            String idToken = session.grant() == null ? null : session.grant().idToken();
            return endpoint == null || idToken == null
                    ? Optional.empty()
                    : Optional.of(new LogoutRequest(
                                    endpoint,
                                    JWTParser.parse(idToken),
                                    null,
                                    clientId,
                                    console.resolve("/login"),
                                    null,
                                    null)
                            .toURI());
        } catch (LoginFailure | java.text.ParseException _) {
            return Optional.empty();
        }
    }

    private Known known() throws LoginFailure {
        Known read = known;
        if (read == null) {
            read = read();
            known = read;
        }
        return read;
    }

    private Known read() throws LoginFailure {
        try {
            OIDCProviderMetadata metadata = OIDCProviderMetadata.resolve(issuer, this::configure);
            DefaultResourceRetriever retriever =
                    new DefaultResourceRetriever(timeoutMillis(), timeoutMillis(), LONGEST_KEYS, true, sockets);
            JWKSource<SecurityContext> keys = JWKSourceBuilder.create(
                            metadata.getJWKSetURI().toURL(), retriever)
                    .build();
            IDTokenValidator validator =
                    new IDTokenValidator(issuer, clientId, new JWSVerificationKeySelector<>(ALGORITHMS, keys), null);
            validator.setMaxClockSkew(CLOCK_SKEW_SECONDS);
            return new Known(metadata, validator);
        } catch (MalformedURLException e) {
            throw new LoginFailure(Reason.PROVIDER_FAILED, issuer + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new LoginFailure(Reason.PROVIDER_UNAVAILABLE, issuer + ": " + e.getMessage(), e);
        } catch (GeneralException e) {
            // An error page in place of the document, too.
            throw new LoginFailure(Reason.PROVIDER_UNAVAILABLE, issuer + ": " + e.getMessage(), e);
        }
    }
}
