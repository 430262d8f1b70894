package dev.loupe.service.error;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import dev.loupe.storage.StorageException;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.sql.SQLException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Converts exceptions of resources to problem documents. Clients never see a stack trace or a class name. An {@link
 * IllegalArgumentException} is an internal error, except one that rejects the JSON of a request: other invalid input
 * causes a {@link ServiceException}.
 */
class ProblemMappers {
    private static final Logger LOG = Logger.getLogger("dev.loupe.service.error");
    /** SQLSTATE of a text with a NUL, the only character of Java strings that PostgreSQL does not support. */
    private static final String NO_CHARACTER = "22021";

    @ServerExceptionMapper
    Response service(ServiceException e) {
        if (e.code().category() == Category.INTERNAL) {
            LOG.error(e.getMessage(), e);
        }
        return Problem.of(e.code(), e.getMessage()).response();
    }

    @ServerExceptionMapper
    Response invalidJson(JacksonException e) {
        if (e instanceof ValueInstantiationException refused) {
            return switch (refused.getCause()) {
                case ServiceException known -> service(known);
                case IllegalArgumentException invalid -> invalid(invalid.getMessage());
                case null, default -> anythingElse(e);
            };
        }
        return invalid(InvalidJson.describe(e));
    }

    /** Maps this class explicitly, because Quarkus has a mapper for it. */
    @ServerExceptionMapper
    Response mismatchedJson(MismatchedInputException e) {
        return invalidJson(e);
    }

    @ServerExceptionMapper
    Response http(WebApplicationException e, UriInfo uri, HttpHeaders headers) {
        if (e.getCause() instanceof JacksonException json) {
            return invalidJson(json);
        }
        if (DiskFull.isCauseOf(e)) {
            return full(e);
        }
        int status = e.getResponse().getStatus();
        if (status < 400) {
            return e.getResponse();
        }
        if (status >= 500) {
            return anythingElse(e);
        }
        // RESTEasy reports 404 for a query parameter that cannot be converted.
        if (e instanceof NotFoundException && e.getCause() instanceof Exception cause) {
            return invalid("a parameter of the address: "
                    + (cause instanceof NumberFormatException ? "expected a whole number" : "not acceptable"));
        }
        Response answer =
                Problem.ofStatus(status, describe(status, uri, headers)).response();
        String allowed = e.getResponse().getHeaderString(HttpHeaders.ALLOW);
        return allowed == null
                ? answer
                : Response.fromResponse(answer)
                        .header(HttpHeaders.ALLOW, allowed)
                        .build();
    }

    private static String describe(int status, UriInfo uri, HttpHeaders headers) {
        return switch (status) {
            case 404 -> "there is no resource " + Echo.of(uri.getPath());
            case 405 -> "the resource does not know this method";
            case 406 ->
                "Accept: expected a type that the resource produces, got "
                        + Echo.of(headers.getHeaderString(HttpHeaders.ACCEPT));
            case 413 -> "the body of the request is larger than the service accepts";
            case 415 ->
                "Content-Type: expected a type that the resource consumes, got "
                        + Echo.of(headers.getHeaderString(HttpHeaders.CONTENT_TYPE));
            default -> "the request can't be understood";
        };
    }

    @ServerExceptionMapper
    Response storage(StorageException e) {
        if (e instanceof StorageException.Full || DiskFull.isCauseOf(e)) {
            return full(e);
        }
        LOG.error(e.getMessage(), e);
        return Problem.of(
                        ErrorCode.STORAGE_UNAVAILABLE,
                        e instanceof StorageException.Corrupt
                                ? "the stored object is damaged: its bytes have another sha256"
                                : "object storage does not answer as it should; retry later")
                .response();
    }

    @ServerExceptionMapper
    Response anythingElse(Throwable e) {
        if (DiskFull.isCauseOf(e)) {
            return full(e);
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && isConnectionLoss(sql)) {
                LOG.warn("database: " + sql.getMessage());
                return Problem.of(
                                ErrorCode.DATABASE_UNAVAILABLE,
                                "the database does not answer at the moment; retry later")
                        .response();
            }
            if (cause instanceof SQLException sql && NO_CHARACTER.equals(sql.getSQLState())) {
                return invalid("expected text without the character U+0000");
            }
        }
        LOG.error("unexpected", e);
        return Problem.of(ErrorCode.INTERNAL, "internal error; see the server log" + trace())
                .response();
    }

    private static String trace() {
        SpanContext span = Span.current().getSpanContext();
        return span.isValid() ? ", trace " + span.getTraceId() : "";
    }

    private static Response invalid(String message) {
        return Problem.of(ErrorCode.INVALID_REQUEST, message).response();
    }

    private static Response full(Throwable e) {
        LOG.error("no space left", e);
        return Problem.of(ErrorCode.STORAGE_FULL, DiskFull.MESSAGE).response();
    }

    /** SQLSTATE classes 08 (connection), 53 (resources), 57 (operator), and a pool without a free connection. */
    private static boolean isConnectionLoss(SQLException e) {
        String state = e.getSQLState();
        return state == null || state.startsWith("08") || state.startsWith("53") || state.startsWith("57");
    }
}
