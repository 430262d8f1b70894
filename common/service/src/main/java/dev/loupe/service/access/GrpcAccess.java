package dev.loupe.service.access;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.loupe.service.access.AccessRule.Reference;
import dev.loupe.service.access.AccessRule.Scope;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.GrpcErrors;
import dev.loupe.service.error.ServiceException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * Lets a gRPC call reach its method only if the {@link AccessRules} allow it, as {@link AccessFilter} does for REST. The
 * interceptor knows the caller; what a call is about is in its messages, which {@link #require} checks one by one. Only
 * for services with a gRPC server: the libraries that this class uses are optional dependencies.
 */
public final class GrpcAccess implements ServerInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final Context.Key<Caller> CALLER = Context.key("loupe-caller");

    private final GrpcGate gate;
    private final GrpcErrors errors;

    public GrpcAccess(GrpcGate gate, GrpcErrors errors) {
        this.gate = gate;
        this.errors = errors;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (gate.isDisabled()) {
            return next.startCall(call, headers);
        }
        try {
            AccessRule rule = gate.rule(call.getMethodDescriptor().getFullMethodName());
            if (rule.isOpen()) {
                return next.startCall(call, headers);
            }
            Caller caller = gate.authenticate(values(headers));
            if (rule.scope() != Scope.PROJECT || !caller.hasAnywhere(rule.role())) {
                gate.require(caller, rule, _ -> List.of());
            }
            return Contexts.interceptCall(Context.current().withValue(CALLER, caller), call, headers, next);
        } catch (ServiceException e) {
            StatusRuntimeException refusal = errors.toStatus(e);
            call.close(refusal.getStatus(), refusal.getTrailers());
            return new ServerCall.Listener<>() {};
        }
    }

    private static List<String> values(Metadata headers) {
        Iterable<String> all = headers.getAll(AUTHORIZATION);
        return all == null
                ? List.of()
                : StreamSupport.stream(all.spliterator(), false).toList();
    }

    /**
     * Checks a message of the call that is in progress on this thread.
     *
     * @param method full name of the gRPC method
     * @throws ServiceException {@code PERMISSION_DENIED}, {@code UNAUTHENTICATED}, {@code RATE_LIMITED}; the error for a
     *     model that does not exist, if the caller may not know of its project
     */
    public void require(String method, Message message) {
        if (gate.isDisabled()) {
            gate.admit(null, method, reference -> values(message, reference));
            return;
        }
        AccessRule rule = gate.rule(method);
        if (rule.isOpen()) {
            return;
        }
        Caller caller = CALLER.get();
        if (caller == null) {
            throw new ServiceException(ErrorCode.UNAUTHENTICATED, "the caller of " + method + " is not known");
        }
        gate.require(caller, rule, reference -> values(message, reference));
        gate.admit(caller, method, reference -> values(message, reference));
    }

    /** Who makes the call that is in progress on this thread, for the audit log. */
    public static String actor() {
        Caller caller = CALLER.get();
        return caller == null ? Actor.DEFAULT : caller.name();
    }

    /** The tenant of who makes the call that is in progress on this thread. */
    public static String tenant() {
        Caller caller = CALLER.get();
        return caller == null ? Tenant.DEFAULT : caller.tenant();
    }

    /** The tenant that the database fences the call in progress on this thread in; empty: none. */
    public static Optional<String> fence() {
        return Tenant.fenceOf(CALLER.get());
    }

    private static List<String> values(Message message, Reference reference) {
        Object value = message;
        for (String name : reference.name().split("\\.")) {
            Message parent = (Message) value;
            FieldDescriptor field = parent.getDescriptorForType().findFieldByName(name);
            value = parent.getField(field);
        }
        String text = (String) value;
        return text.isEmpty() ? List.of() : List.of(text);
    }
}
