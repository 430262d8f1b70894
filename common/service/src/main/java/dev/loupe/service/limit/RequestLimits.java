package dev.loupe.service.limit;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Refuses requests beyond the limits of projects, API tokens and tenants. Each has a bucket of its own in each replica: requests of
 * different ones share no lock.
 */
@ApplicationScoped
public class RequestLimits {
    private static final String TOKEN = "token:";
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final RequestLimitDirectory directory;
    private final Optional<Double> projectDefault;
    private final Optional<Double> tokenDefault;
    private final Map<String, RequestBucket> projects = new ConcurrentHashMap<>();
    private final Map<String, RequestBucket> tokens = new ConcurrentHashMap<>();
    private final Map<String, RequestBucket> tenants = new ConcurrentHashMap<>();
    private final Counter refusedProjects;
    private final Counter refusedTokens;
    private final Counter refusedTenants;
    private final long start = System.nanoTime();

    RequestLimits(RequestLimitDirectory directory, LimitsConfig config, MeterRegistry registry) {
        this.directory = directory;
        this.projectDefault = config.project().requestsPerSecond();
        this.tokenDefault = config.token().requestsPerSecond();
        projectDefault.ifPresent(RequestLimit::requireRate);
        tokenDefault.ifPresent(RequestLimit::requireRate);
        this.refusedProjects = refused(registry, "project");
        this.refusedTokens = refused(registry, "token");
        this.refusedTenants = refused(registry, "tenant");
    }

    private static Counter refused(MeterRegistry registry, String kind) {
        return Counter.builder("loupe.requests.limited")
                .description("requests that were refused by the limit of their project, token or tenant")
                .tag("limit", kind)
                .register(registry);
    }

    /** Whether some project has a limit: if none has, no one need find out which project a request is about. */
    public boolean hasProjects() {
        return projectDefault.isPresent() || !directory.rates().projects().isEmpty();
    }

    /**
     * @param caller name of the caller; only tokens have limits
     * @throws ServiceException {@code RATE_LIMITED}
     */
    public void admitCaller(String caller) {
        if (caller.startsWith(TOKEN)) {
            String name = caller.substring(TOKEN.length());
            Double rate = directory.rates().tokens().get(name);
            admit(tokens, name, rate == null ? tokenDefault.orElse(null) : rate, "API token", refusedTokens);
        }
    }

    /**
     * @param tenant of the caller
     * @throws ServiceException {@code RATE_LIMITED}
     */
    public void admitTenant(String tenant) {
        admit(tenants, tenant, directory.rates().tenants().get(tenant), "tenant", refusedTenants);
    }

    /** @throws ServiceException {@code RATE_LIMITED} */
    public void admitProject(UUID project) {
        String id = project.toString();
        Double rate = directory.rates().projects().get(id);
        admit(projects, id, rate == null ? projectDefault.orElse(null) : rate, "project", refusedProjects);
    }

    private void admit(Map<String, RequestBucket> buckets, String key, Double rate, String kind, Counter refused) {
        if (rate == null) {
            return;
        }
        RequestBucket bucket = buckets.get(key);
        if (bucket == null || bucket.rate() != rate) {
            bucket = buckets.compute(
                    key, (_, known) -> known == null || known.rate() != rate ? new RequestBucket(rate) : known);
        }
        long wait = bucket.take(System.nanoTime() - start);
        if (wait > 0) {
            refused.increment();
            throw new ServiceException(
                            ErrorCode.RATE_LIMITED,
                            kind + " '" + key + "': expected at most " + rate
                                    + " requests in a second, got more; retry later")
                    .with(ServiceException.RETRY_AFTER, 1 + (wait - 1) / SECOND);
        }
    }
}
