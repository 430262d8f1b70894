package dev.loupe.service.access;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.service.access.AccessRule.Part;
import dev.loupe.service.access.AccessRule.Reference;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ResourceInfo;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Lets a request reach its resource only if the {@link AccessRules} allow it. Sets the header with the actor's name to
 * the caller, so that resources record who really makes the request.
 */
class AccessFilter {
    /** The bodies that name what they are about are small. */
    private static final int MAX_BODY = 1 << 20;

    private final Authenticator authenticator;
    private final Authorizer authorizer;
    private final AccessRules rules;
    private final CurrentCaller current;
    private final Limiter limiter;
    /** Two fields of one name would let this filter and the resource read different ones. */
    private final ObjectMapper json = new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private final Map<Method, Optional<AccessRule>> byMethod = new ConcurrentHashMap<>();

    AccessFilter(
            Authenticator authenticator,
            Authorizer authorizer,
            AccessRules rules,
            CurrentCaller current,
            Limiter limiter) {
        this.limiter = limiter;
        this.current = current;
        this.authenticator = authenticator;
        this.authorizer = authorizer;
        this.rules = rules;
    }

    @ServerRequestFilter(priority = Priorities.AUTHENTICATION)
    void check(ContainerRequestContext request, ResourceInfo resource) {
        if (authenticator.isDisabled()) {
            String actor = request.getHeaderString(Actor.HEADER);
            Caller anyone = Caller.anyone(actor == null || actor.isBlank() ? Actor.DEFAULT : actor);
            current.set(anyone);
            byMethod.computeIfAbsent(resource.getResourceMethod(), rules::of)
                    .ifPresent(rule -> limiter.admitProjects(rule, reference -> address(request, reference)));
            return;
        }
        Method method = resource.getResourceMethod();
        AccessRule rule = byMethod.computeIfAbsent(method, rules::of)
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.PERMISSION_DENIED, "no access rule allows " + AccessRules.operation(method)));
        if (rule.isOpen()) {
            return;
        }
        Caller caller = authenticator.authenticate(request.getHeaders().get("Authorization"));
        refuseOtherActor(request, caller);
        limiter.admitCaller(caller, rule);
        current.set(caller); // the look-up of a name depends on the caller's tenant
        authorizer.require(caller, rule, reference -> values(request, reference));
        limiter.admitProjects(rule, reference -> address(request, reference));
        request.getHeaders().putSingle(Actor.HEADER, caller.name());
    }

    private static void refuseOtherActor(ContainerRequestContext request, Caller caller) {
        List<String> actors = request.getHeaders().get(Actor.HEADER);
        if (actors != null && !actors.equals(List.of(caller.name()))) {
            throw new ServiceException(
                    ErrorCode.ACTOR_REFUSED,
                    Actor.HEADER + ": expected none, because the token says who the caller is: '" + caller.name()
                            + "'");
        }
    }

    /** What the address of the request names; a body is not read for a limit. */
    private List<String> address(ContainerRequestContext request, Reference reference) {
        return reference.part() == Part.BODY ? List.of() : values(request, reference);
    }

    private List<String> values(ContainerRequestContext request, Reference reference) {
        return switch (reference.part()) {
            case PATH -> request.getUriInfo().getPathParameters().getOrDefault(reference.name(), List.of());
            case QUERY ->
                request.getUriInfo().getQueryParameters().getOrDefault(reference.name(), List.of()).stream()
                        .flatMap(value -> Arrays.stream(value.split(",")))
                        .toList();
            case BODY -> field(request, reference.name()).map(List::of).orElse(List.of());
        };
    }

    private Optional<String> field(ContainerRequestContext request, String name) {
        try {
            byte[] body = request.getEntityStream().readNBytes(MAX_BODY + 1);
            if (body.length > MAX_BODY) {
                throw new ServiceException(
                        ErrorCode.REQUEST_TOO_LARGE, "request body: expected at most " + MAX_BODY + " bytes");
            }
            request.setEntityStream(new ByteArrayInputStream(body));
            JsonNode value = json.readTree(body).path(name);
            if (value.isMissingNode() || value.isNull()) {
                return Optional.empty();
            }
            if (!value.isTextual()) {
                throw new ServiceException(
                        ErrorCode.INVALID_REQUEST, name + ": expected text, got " + value.getNodeType());
            }
            return Optional.of(value.textValue());
        } catch (JacksonException e) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "request body: expected JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
