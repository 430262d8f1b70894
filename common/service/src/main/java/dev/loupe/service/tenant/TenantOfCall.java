package dev.loupe.service.tenant;

import java.util.Optional;

/** Knows who makes a call of one protocol. Each protocol has a bean of this type. Thread-safe. */
public interface TenantOfCall {
    /**
     * The tenant that the call in progress on this thread is fenced in. Empty: there is no call, its caller is not known yet, or
     * the tenant is {@code default}, which is not fenced.
     */
    Optional<String> fence();
}
