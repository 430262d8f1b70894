package dev.loupe.service.access;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Who makes a request, and what they may do.
 *
 * @param name name in the audit log; of a token {@code token:} and the token's name
 * @param everywhere role in all projects and in what belongs to none; null: none
 * @param projects further roles, by the id of the project
 * @param onBehalfOf who created the token; null: the caller acts for themselves
 */
public record Caller(String name, Kind kind, Role everywhere, Map<UUID, Role> projects, String onBehalfOf) {
    /** What a caller is. */
    public enum Kind {
        PERSON,
        TOKEN,
        SERVICE
    }

    public Caller {
        if (name.isBlank()) {
            throw new IllegalArgumentException("A caller without a name");
        }
        projects = Map.copyOf(projects);
    }

    /** Anyone, where authentication is disabled: an administrator with the name that the request gives. */
    static Caller anyone(String name) {
        return new Caller(name, Kind.PERSON, Role.ADMIN, Map.of(), null);
    }

    boolean hasEverywhere(Role role) {
        return everywhere != null && everywhere.includes(role);
    }

    /** Whether the caller has the role in some project, or everywhere. */
    boolean hasAnywhere(Role role) {
        Collection<Role> own = projects.values();
        return hasEverywhere(role) || own.stream().anyMatch(one -> one.includes(role));
    }

    /** The higher of the caller's roles in this project; empty: the caller may not know that it exists. */
    Optional<Role> roleIn(UUID project) {
        return Stream.of(Optional.ofNullable(everywhere), Optional.ofNullable(projects.get(project)))
                .flatMap(Optional::stream)
                .max(Role::compareTo);
    }
}
