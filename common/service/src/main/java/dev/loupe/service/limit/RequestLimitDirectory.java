package dev.loupe.service.limit;

import dev.loupe.service.tenant.TenantFence;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/**
 * The limits of requests, in memory: a request needs no database. They are those of the tables {@code request_limit} and
 * {@code tenant_limit}, which dataset-service changes and the other services learn from its events. Without the database,
 * the limits that were known last count. Thread-safe.
 */
@ApplicationScoped
public class RequestLimitDirectory {
    private static final Logger LOG = Logger.getLogger(RequestLimitDirectory.class);

    private final Jdbi jdbi;
    private final TenantFence fence;
    private volatile Rates rates = new Rates(Map.of(), Map.of(), Map.of());
    private volatile boolean stale;

    /**
     * Requests in a second.
     *
     * @param projects by the id of the project
     * @param tokens by the name of the token
     * @param tenants by the name of the tenant
     */
    record Rates(Map<String, Double> projects, Map<String, Double> tokens, Map<String, Double> tenants) {}

    RequestLimitDirectory(Jdbi jdbi, TenantFence fence) {
        this.jdbi = jdbi;
        this.fence = fence;
    }

    Rates rates() {
        return rates;
    }

    @Scheduled(every = "${loupe.auth.refresh-interval:5s}", concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void read() {
        try {
            refresh();
        } catch (RuntimeException e) {
            LOG.warnf("limits of requests can't be read, those known are kept: %s", e);
        }
    }

    /** Reads the limits; called after a change of them, so that this replica knows it at once. */
    public synchronized void refresh() {
        rates = fence.asOwner(this::readRates);
    }

    private Rates readRates() {
        Map<String, Double> projects = new HashMap<>();
        Map<String, Double> tokens = new HashMap<>();
        jdbi.useHandle(handle -> handle.createQuery("""
                        select l.id, l.kind, t.name, l.requests_per_second as rate
                        from request_limit l left join api_token t on t.id = l.id and t.revoked_at is null
                        where l.requests_per_second is not null""")
                .map((row, _) -> {
                    double rate = row.getDouble("rate");
                    return LimitKind.valueOf(row.getString("kind")) == LimitKind.PROJECT
                            ? projects.put(row.getString("id"), rate)
                            : tokens.put(String.valueOf(row.getString("name")), rate);
                })
                .list());
        Map<String, Double> tenants = jdbi.withHandle(handle -> handle.createQuery(
                        "select tenant, requests_per_second from tenant_limit where requests_per_second is not null")
                .map((row, _) -> Map.entry(row.getString("tenant"), row.getDouble("requests_per_second")))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue)));
        return new Rates(Map.copyOf(projects), Map.copyOf(tokens), tenants);
    }

    /**
     * Applies a change that an event reports, in the event's transaction; {@link #refreshIfStale} follows it. A change whose
     * revision is not newer than the stored one is ignored.
     */
    public void apply(RequestLimit limit) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into request_limit (id, kind, requests_per_second, revision)
                        values (:id, :kind, :requestsPerSecond, :revision)
                        on conflict (id) do update
                        set requests_per_second = excluded.requests_per_second, revision = excluded.revision
                        where request_limit.revision < excluded.revision""")
                .bind("kind", limit.kind().name())
                .bind("id", limit.id())
                .bind("requestsPerSecond", limit.requestsPerSecond())
                .bind("revision", limit.revision())
                .execute());
        stale = true;
    }

    /** Applies a change of a tenant's limit as {@link #apply(RequestLimit)} does one of a project or a token. */
    public void apply(TenantLimit limit) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into tenant_limit (tenant, requests_per_second, revision)
                        values (:tenant, :requestsPerSecond, :revision)
                        on conflict (tenant) do update
                        set requests_per_second = excluded.requests_per_second, revision = excluded.revision
                        where tenant_limit.revision < excluded.revision""").bindMethods(limit).execute());
        stale = true;
    }

    /** Reads the limits if an event changed some, after the event's transaction. */
    public void refreshIfStale() {
        if (stale) {
            stale = false;
            read();
        }
    }
}
