package dev.loupe.service.access;

import dev.loupe.service.access.AccessRule.Reference;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.function.Function;

/** What {@link GrpcAccess} needs of this package: it is no bean, because not each service has a gRPC server. */
@ApplicationScoped
public class GrpcGate {
    private final Authenticator authenticator;
    private final Authorizer authorizer;
    private final AccessRules rules;
    private final Limiter limiter;

    GrpcGate(Authenticator authenticator, Authorizer authorizer, AccessRules rules, Limiter limiter) {
        this.limiter = limiter;
        this.authenticator = authenticator;
        this.authorizer = authorizer;
        this.rules = rules;
    }

    boolean isDisabled() {
        return authenticator.isDisabled();
    }

    AccessRule rule(String method) {
        return rules.ofGrpc(method)
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.PERMISSION_DENIED, "no access rule allows the method " + method));
    }

    /** @param caller null: not known, where authentication is disabled */
    void admit(Caller caller, String method, Function<Reference, List<String>> values) {
        rules.ofGrpc(method).ifPresent(rule -> {
            if (caller != null) {
                limiter.admitCaller(caller, rule);
            }
            limiter.admitProjects(rule, values);
        });
    }

    Caller authenticate(List<String> authorization) {
        return authenticator.authenticate(authorization);
    }

    void require(Caller caller, AccessRule rule, Function<Reference, List<String>> values) {
        authorizer.require(caller, rule, values);
    }
}
