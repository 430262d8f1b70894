package dev.loupe.service.access;

/** How a service knows its callers. */
public enum AuthMode {
    /** It does not: every caller is an administrator. For one machine, on loopback addresses. */
    DISABLED,
    /** By API tokens. */
    TOKEN,
    /** By access tokens of an OpenID Connect provider, and by API tokens. */
    OIDC
}
