package dev.loupe.dataset.limit;

import dev.loupe.events.v1.TenantLimitChanged;
import dev.loupe.service.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/** The limits of tenants in the database. Events tell the other services of each change of a limit of requests. */
@ApplicationScoped
class TenantLimitChanges {
    private final Jdbi jdbi;
    private final Outbox outbox;

    TenantLimitChanges(Jdbi jdbi, Outbox outbox) {
        this.jdbi = jdbi;
        this.outbox = outbox;
    }

    /** The limits that are set. */
    NewTenantLimits of(String tenant) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select max_images, max_bytes, requests_per_second from tenant_limit where tenant = :tenant")
                .bind("tenant", tenant)
                .map(ConstructorMapper.of(NewTenantLimits.class))
                .findOne()
                .orElse(NewTenantLimits.NONE));
    }

    @Transactional(TxType.MANDATORY)
    void set(String tenant, NewTenantLimits limits) {
        long revision = jdbi.withHandle(handle -> handle.createQuery("""
                        insert into tenant_limit (tenant, max_images, max_bytes, requests_per_second, revision)
                        values (:tenant, :maxImages, :maxBytes, :requestsPerSecond, 1)
                        on conflict (tenant) do update
                        set max_images = excluded.max_images, max_bytes = excluded.max_bytes,
                            requests_per_second = excluded.requests_per_second, revision = tenant_limit.revision + 1
                        returning revision""")
                .bind("tenant", tenant)
                .bindMethods(limits)
                .mapTo(Long.class)
                .one());
        Double rate = limits.requestsPerSecond();
        TenantLimitChanged event = TenantLimitChanged.newBuilder()
                .setTenant(tenant)
                .setRequestsPerSecond(rate == null ? 0 : rate)
                .setRevision(revision)
                .build();
        outbox.add("loupe.datasets", tenant, "dev.loupe.tenant-limit-changed.v1", event.toByteArray());
    }
}
