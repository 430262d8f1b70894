package dev.loupe.service.access;

import dev.loupe.service.access.AccessRule.Reference;
import dev.loupe.service.access.AccessRule.Scope;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** Decides whether a caller may do what a rule is for. */
@ApplicationScoped
class Authorizer {
    private final Instance<ProjectLookup> lookup;

    Authorizer(Instance<ProjectLookup> lookup) {
        this.lookup = lookup;
    }

    /** Whether the caller has the role for whatever the request is about: then the request need not be read. */
    static boolean isAllowedEverywhere(Caller caller, AccessRule rule) {
        return rule.isOpen()
                || caller.hasEverywhere(rule.role())
                || rule.scope() == Scope.ANY && caller.hasAnywhere(rule.role());
    }

    /**
     * @param values what the request names at a reference, empty if nothing
     * @throws ServiceException {@code PERMISSION_DENIED}; the error for a thing that does not exist, if the caller may
     *     not know of its project
     */
    void require(Caller caller, AccessRule rule, Function<Reference, List<String>> values) {
        if (isAllowedEverywhere(caller, rule)) {
            return;
        }
        boolean isNamed = false;
        for (Reference reference : rule.references()) {
            for (String id : values.apply(reference)) {
                isNamed = true;
                requireIn(caller, rule, reference.kind(), id);
            }
        }
        boolean isList = rule.scope() == Scope.VISIBLE;
        if (!isNamed && !(isList && caller.hasAnywhere(rule.role()))) {
            throw denied(caller, rule, isList || rule.scope() == Scope.ANY ? "some project" : "all projects");
        }
    }

    private void requireIn(Caller caller, AccessRule rule, String kind, String id) {
        Optional<UUID> project = lookup.get().projectOf(kind, id);
        if (project.isEmpty()) {
            throw denied(caller, rule, "all projects");
        }
        Role role = caller.roleIn(project.get()).orElseThrow(() -> lookup.get().notFound(kind, id));
        if (!role.includes(rule.role())) {
            throw denied(caller, rule, "project " + project.get());
        }
    }

    private static ServiceException denied(Caller caller, AccessRule rule, String where) {
        return new ServiceException(
                ErrorCode.PERMISSION_DENIED,
                "%s: expected the role %s in %s, which '%s' does not have"
                        .formatted(rule.operation(), rule.role().word(), where, caller.name()));
    }
}
