package dev.loupe.service.access;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;

/** Notes 1 and 2 belong to a project each, note 3 to none; there are no others. */
@ApplicationScoped
class NoteLookup implements ProjectLookup {
    static final UUID FIRST = new UUID(0, 1);
    static final UUID SECOND = new UUID(0, 2);

    @Override
    public Optional<UUID> projectOf(String kind, String id) {
        return switch (id) {
            case "1" -> Optional.of(FIRST);
            case "2" -> Optional.of(SECOND);
            case "3" -> Optional.empty();
            default -> throw notFound(kind, id);
        };
    }

    @Override
    public ServiceException notFound(String kind, String id) {
        return new ServiceException(ErrorCode.PROJECT_NOT_FOUND, "there is no note '" + id + "'");
    }
}
