package dev.loupe.service.access;

import dev.loupe.service.error.ServiceException;
import java.util.Optional;
import java.util.UUID;

/** Finds the project that a thing belongs to. Each service has one, for the kinds of things in its access rules. */
public interface ProjectLookup {
    /**
     * Returns the project of a thing; empty if it belongs to none.
     *
     * @param kind kind of thing: {@code project}, {@code run}
     * @param id what the request names it by
     * @throws ServiceException {@link #notFound} if there is none
     */
    Optional<UUID> projectOf(String kind, String id);

    /** The error for a thing that does not exist: what a caller gets who may not know that it does. */
    ServiceException notFound(String kind, String id);
}
