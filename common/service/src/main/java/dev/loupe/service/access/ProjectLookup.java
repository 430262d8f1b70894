package dev.loupe.service.access;

import dev.loupe.service.error.ServiceException;
import java.util.Set;
import java.util.UUID;

/** Finds out what a thing belongs to. Each service has one, for the kinds of things in its access rules. */
public interface ProjectLookup {
    /**
     * What a thing belongs to.
     *
     * @param project id of the project; null: all projects of the tenant
     */
    record Owner(String tenant, UUID project) {
        /** The owner of what belongs to a project. */
        public static Owner of(UUID project, String name) {
            return new Owner(Tenant.ofProject(name), project);
        }
    }

    /**
     * Returns what a thing belongs to.
     *
     * @param kind kind of thing: {@code project}, {@code run}
     * @param id what the request names it by
     * @throws ServiceException {@link #notFound} if there is none
     */
    Owner ownerOf(String kind, String id);

    /** The error for a thing that does not exist: what a caller gets who may not know that it does. */
    ServiceException notFound(String kind, String id);

    /** The ids of a tenant's projects that this service knows. */
    Set<UUID> projectsOf(String tenant);
}
