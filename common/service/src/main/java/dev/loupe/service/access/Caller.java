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
 * @param tenant the tenant of the caller: projects of others do not exist for them
 * @param everywhere role in all projects of the tenant; null: none. In the tenant {@code default} also in what belongs to
 *     no project
 * @param projects further roles, by the id of the project
 * @param onBehalfOf who created the token; null: the caller acts for themselves
 */
public record Caller(
        String name, Kind kind, String tenant, Role everywhere, Map<UUID, Role> projects, String onBehalfOf) {
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
        return new Caller(name, Kind.PERSON, Tenant.DEFAULT, Role.ADMIN, Map.of(), null);
    }

    boolean hasEverywhere(Role role) {
        return everywhere != null && everywhere.includes(role);
    }

    /** Whether the caller has the role in what all tenants share. */
    boolean hasOnServer(Role role) {
        return tenant.equals(Tenant.DEFAULT) && hasEverywhere(role);
    }

    /** Whether the caller operates the installation: an administrator of all projects of the tenant {@code default}. */
    public boolean isOperator() {
        return hasOnServer(Role.ADMIN);
    }

    /** Whether the caller has the role in some project, or everywhere. */
    boolean hasAnywhere(Role role) {
        Collection<Role> own = projects.values();
        return hasEverywhere(role) || own.stream().anyMatch(one -> one.includes(role));
    }

    /** The higher of the caller's roles in this project of their tenant; empty: the caller may not know that it exists. */
    public Optional<Role> roleIn(UUID project) {
        return Stream.of(Optional.ofNullable(everywhere), Optional.ofNullable(projects.get(project)))
                .flatMap(Optional::stream)
                .max(Role::compareTo);
    }
}
