package dev.loupe.service.access;

import dev.loupe.service.access.AuthConfig.Oidc;
import dev.loupe.service.access.Caller.Kind;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.ReservedClaimNames;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;

/**
 * Access tokens of the OpenID Connect provider (JWT, RFC 9068): who a person is. A token that was verified is not verified
 * again until it expires or the provider's keys are read. Thread-safe.
 */
@ApplicationScoped
class PersonTokens {
    /** Of asymmetric keys only: {@code none}, and a public key that is used as a secret, are refused. */
    private static final String[] ALGORITHMS = {
        AlgorithmIdentifiers.RSA_USING_SHA256,
        AlgorithmIdentifiers.RSA_USING_SHA384,
        AlgorithmIdentifiers.RSA_USING_SHA512,
        AlgorithmIdentifiers.RSA_PSS_USING_SHA256,
        AlgorithmIdentifiers.RSA_PSS_USING_SHA384,
        AlgorithmIdentifiers.RSA_PSS_USING_SHA512,
        AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256,
        AlgorithmIdentifiers.ECDSA_USING_P384_CURVE_AND_SHA384,
        AlgorithmIdentifiers.EDDSA
    };

    /** Most that are kept: beyond it, all are verified again. */
    private static final int MAX_VERIFIED = 1_000;

    private final AuthConfig auth;
    private final ProviderKeys keys;
    private final MemberDirectory members;
    private final JwtConsumer consumer;
    /** By SHA-256 of the token. */
    private final Map<String, Verified> verified = new ConcurrentHashMap<>();

    /**
     * A token that was verified.
     *
     * @param keys of the provider at that time; compared by identity
     * @param expires seconds since 1970, by the clock of the provider
     */
    private record Verified(JwtClaims claims, List<JsonWebKey> keys, long expires) {}

    PersonTokens(AuthConfig auth, ProviderKeys keys, MemberDirectory members) {
        this.auth = auth;
        this.keys = keys;
        this.members = members;
        this.consumer = auth.mode() == AuthMode.OIDC ? consumer() : null;
    }

    private JwtConsumer consumer() {
        Oidc oidc = auth.oidc();
        return new JwtConsumerBuilder()
                .setExpectedIssuer(oidc.issuer().orElseThrow())
                .setExpectedAudience(oidc.audience().orElseThrow())
                .setRequireExpirationTime()
                .setRequireSubject()
                .setAllowedClockSkewInSeconds((int) oidc.clockSkew().toSeconds())
                .setJwsAlgorithmConstraints(ConstraintType.PERMIT, ALGORITHMS)
                .setVerificationKeyResolver(keys)
                .build();
    }

    /**
     * Returns the person.
     *
     * @throws ServiceException {@code UNAUTHENTICATED}; {@code LOGIN_UNAVAILABLE} while the keys of the provider are not
     *     known, {@code DATABASE_UNAVAILABLE} while the members of projects are not
     */
    Caller caller(String token) {
        try {
            JwtClaims claims = claims(token);
            String name = name(claims);
            Role everywhere = role(claims);
            // A role for all projects counts without the database, too: a membership could only add to it.
            Map<UUID, Role> projects = everywhere == Role.ADMIN || everywhere != null && !members.known()
                    ? Map.of()
                    : members.roles(name, claim(claims, auth.oidc().groupsClaim()));
            return new Caller(name, Kind.PERSON, tenant(claims), everywhere, projects, null);
        } catch (InvalidJwtException e) {
            if (e.getCause() instanceof ServiceException unavailable) {
                throw unavailable;
            }
            throw unauthenticated(e.hasExpired() ? "one that has expired" : "one that is not valid for this service");
        }
    }

    private JwtClaims claims(String token) throws InvalidJwtException {
        String sha256 = TokenText.sha256(token);
        List<JsonWebKey> known = keys.known();
        Verified before = verified.get(sha256);
        if (before != null && before.keys == known && !hasExpired(before)) {
            return before.claims;
        }
        JwtClaims claims = consumer.processToClaims(token);
        long expires = ((Number) claims.getClaimValue(ReservedClaimNames.EXPIRATION_TIME)).longValue();
        if (verified.size() >= MAX_VERIFIED) {
            verified.values().removeIf(one -> one.keys != known || hasExpired(one));
        }
        if (verified.size() >= MAX_VERIFIED) {
            verified.clear();
        }
        verified.put(sha256, new Verified(claims, known, expires));
        return claims;
    }

    private boolean hasExpired(Verified token) {
        return Instant.now().minus(auth.oidc().clockSkew()).getEpochSecond() >= token.expires;
    }

    private String name(JwtClaims claims) {
        return claim(claims, auth.oidc().nameClaim()).stream()
                .filter(Member::isPerson)
                .findFirst()
                .orElseThrow(
                        () -> unauthenticated("one whose claim '" + auth.oidc().nameClaim()
                                + "' is no name: 1 to 100 printable ASCII characters without ':', beginning with a letter or"
                                + " digit"));
    }

    /** The tenant that the configured claim names; {@link Tenant#DEFAULT} if none is configured. */
    private String tenant(JwtClaims claims) {
        if (auth.oidc().tenantClaim().isEmpty()) {
            return Tenant.DEFAULT;
        }
        String path = auth.oidc().tenantClaim().get();
        if (value(claims, path) instanceof String name && Tenant.isOne(name)) {
            return name;
        }
        // A client of the provider that does not set the claim must not make a tenant's administrator the operator.
        throw unauthenticated("one whose claim '" + path + "' is no tenant: a text of the form " + Tenant.PATTERN);
    }

    /** The highest role that a claim names; null: none everywhere. */
    private Role role(JwtClaims claims) {
        String prefix = auth.oidc().rolePrefix();
        Collection<String> named = claim(claims, auth.oidc().rolesClaim());
        return Arrays.stream(Role.values())
                .filter(role -> named.contains(prefix + role.word()))
                .max(Role::compareTo)
                .orElse(null);
    }

    /** The values of a claim: a text, or several. */
    private static List<String> claim(JwtClaims claims, String path) {
        return switch (value(claims, path)) {
            case String text -> List.of(text);
            case Collection<?> several -> several.stream().map(String::valueOf).toList();
            case null, default -> List.of();
        };
    }

    /** The value of a claim, which may be a field of a claim: {@code realm_access.roles}; null if there is none. */
    private static Object value(JwtClaims claims, String path) {
        Object value = claims.getClaimValue(path);
        if (value == null) {
            value = claims.getClaimsMap();
            for (String name : path.split("\\.")) {
                value = value instanceof Map<?, ?> object ? object.get(name) : null;
            }
        }
        return value;
    }

    private static ServiceException unauthenticated(String got) {
        return new ServiceException(
                ErrorCode.UNAUTHENTICATED,
                "Authorization: expected 'Bearer' with an API token or an access token of the provider, got " + got);
    }
}
