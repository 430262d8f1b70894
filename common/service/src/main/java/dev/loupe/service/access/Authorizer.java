package dev.loupe.service.access;

import dev.loupe.service.access.AccessRule.Reference;
import dev.loupe.service.access.AccessRule.Scope;
import dev.loupe.service.access.ProjectLookup.Owner;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.util.List;
import java.util.function.Function;

/** Decides whether a caller may do what a rule is for. */
@ApplicationScoped
class Authorizer {
    private static final String ALL = "all projects";

    private final Instance<ProjectLookup> lookup;

    Authorizer(Instance<ProjectLookup> lookup) {
        this.lookup = lookup;
    }

    /**
     * @param values what the request names at a reference, empty if nothing
     * @throws ServiceException {@code PERMISSION_DENIED}; the error for a thing that does not exist, if the caller may
     *     not know of its project
     */
    void require(Caller caller, AccessRule rule, Function<Reference, List<String>> values) {
        // What a list shows, its query decides; operators find the log of a project that is deleted, too.
        if (rule.isOpen() || rule.scope() == Scope.VISIBLE && caller.isOperator()) {
            return;
        }
        boolean isNamed = false;
        for (Reference reference : rule.references()) {
            for (String id : values.apply(reference)) {
                isNamed = true;
                requireIn(caller, rule, reference.kind(), id);
            }
        }
        if (!isNamed) {
            requireUnnamed(caller, rule);
        }
    }

    /** For a request that names no thing of a project. */
    private static void requireUnnamed(Caller caller, AccessRule rule) {
        boolean isAllowed =
                switch (rule.scope()) {
                    case ANY, VISIBLE -> caller.hasAnywhere(rule.role());
                    case SERVER -> caller.hasOnServer(rule.role());
                    case TENANT, PROJECT -> caller.hasEverywhere(rule.role());
                };
        if (!isAllowed) {
            throw denied(
                    caller,
                    rule,
                    switch (rule.scope()) {
                        case ANY, VISIBLE -> "some project";
                        case SERVER -> "all projects of the tenant '" + Tenant.DEFAULT + "'";
                        case TENANT, PROJECT -> ALL;
                    });
        }
    }

    private void requireIn(Caller caller, AccessRule rule, String kind, String id) {
        Owner owner = lookup.get().ownerOf(kind, id);
        boolean isForAllOfATenant = owner.project() == null;
        if (isForAllOfATenant && caller.isOperator()) {
            return;
        }
        if (!owner.tenant().equals(caller.tenant())) {
            throw lookup.get().notFound(kind, id);
        }
        if (caller.hasEverywhere(rule.role())) {
            return;
        }
        if (isForAllOfATenant) {
            throw denied(caller, rule, ALL);
        }
        Role role =
                caller.roleIn(owner.project()).orElseThrow(() -> lookup.get().notFound(kind, id));
        if (!role.includes(rule.role())) {
            throw denied(caller, rule, "project " + owner.project());
        }
    }

    private static ServiceException denied(Caller caller, AccessRule rule, String where) {
        return new ServiceException(
                ErrorCode.PERMISSION_DENIED,
                "%s: expected the role %s in %s, which '%s' does not have"
                        .formatted(rule.operation(), rule.role().word(), where, caller.name()));
    }
}
