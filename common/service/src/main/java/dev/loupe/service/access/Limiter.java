package dev.loupe.service.access;

import dev.loupe.service.access.AccessRule.Reference;
import dev.loupe.service.access.AccessRule.Scope;
import dev.loupe.service.error.Category;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.limit.RequestLimits;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/** Applies the limits of requests to a request: those of its caller, and that of the project that it names. */
@ApplicationScoped
class Limiter {
    /** Operations on limits: one that is too low can be raised. */
    private static final String OF_LIMITS = "/limits";

    private final RequestLimits limits;
    private final Instance<ProjectLookup> lookup;

    Limiter(RequestLimits limits, Instance<ProjectLookup> lookup) {
        this.limits = limits;
        this.lookup = lookup;
    }

    /**
     * Applies the limits of the caller's token and of their tenant. Operators can raise that of their own tenant, however low
     * it is.
     *
     * @throws ServiceException {@code RATE_LIMITED}
     */
    void admitCaller(Caller caller, AccessRule rule) {
        limits.admitCaller(caller.name());
        if (!(isOfLimits(rule) && caller.isOperator())) {
            limits.admitTenant(caller.tenant());
        }
    }

    private static boolean isOfLimits(AccessRule rule) {
        return rule.operation().endsWith(OF_LIMITS);
    }

    /**
     * @param values what the request names at a reference, empty if nothing
     * @throws ServiceException {@code RATE_LIMITED}
     */
    void admitProjects(AccessRule rule, Function<Reference, List<String>> values) {
        boolean isAboutProjects = rule.scope() == Scope.PROJECT || rule.scope() == Scope.VISIBLE;
        if (!limits.hasProjects() || rule.isOpen() || !isAboutProjects || isOfLimits(rule)) {
            return;
        }
        for (Reference reference : rule.references()) {
            for (String id : values.apply(reference)) {
                try {
                    UUID project = lookup.get().ownerOf(reference.kind(), id).project();
                    if (project != null) {
                        limits.admitProject(project);
                    }
                } catch (ServiceException e) {
                    if (e.code().category() != Category.NOT_FOUND) {
                        throw e;
                    }
                    // The operation says it, in its own words.
                }
            }
        }
    }
}
