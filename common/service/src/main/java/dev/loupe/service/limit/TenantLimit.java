package dev.loupe.service.limit;

/**
 * How many requests all callers of a tenant together may make.
 *
 * @param tenant its name
 * @param requestsPerSecond to one replica; null: there is no limit
 * @param revision increases by one with every change
 */
public record TenantLimit(String tenant, Double requestsPerSecond, long revision) {}
