package dev.loupe.service.access;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.UUID;

/** Notes 1 and 2 belong to a project each, note 3 to none, note 5 to a project of another tenant; there are no others. */
@ApplicationScoped
class NoteLookup implements ProjectLookup {
    static final UUID FIRST = new UUID(0, 1);
    static final UUID SECOND = new UUID(0, 2);
    static final UUID OF_ACME = new UUID(0, 5);

    @Override
    public Owner ownerOf(String kind, String id) {
        return switch (id) {
            case "1" -> Owner.of(FIRST, "first");
            case "2" -> Owner.of(SECOND, "second");
            case "3" -> new Owner(Tenant.DEFAULT, null);
            case "5" -> Owner.of(OF_ACME, "acme.first");
            default -> throw notFound(kind, id);
        };
    }

    @Override
    public Set<UUID> projectsOf(String tenant) {
        return tenant.equals(Tenant.DEFAULT) ? Set.of(FIRST, SECOND) : Set.of(OF_ACME);
    }

    @Override
    public ServiceException notFound(String kind, String id) {
        return new ServiceException(ErrorCode.PROJECT_NOT_FOUND, "there is no note '" + id + "'");
    }
}
