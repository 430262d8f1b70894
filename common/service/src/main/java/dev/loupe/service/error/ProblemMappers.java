package dev.loupe.service.error;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Converts exceptions of resources to problem documents. Clients never see a stack trace or a class name. An {@link
 * IllegalArgumentException} is an internal error, except one that rejects the JSON of a request: other invalid input
 * causes a {@link ServiceException}.
 */
class ProblemMappers {
    @ServerExceptionMapper
    Response any(Throwable e) {
        ErrorReport report = ErrorReport.of(e);
        return Problem.of(report.code(), report.detail(), report.members()).response();
    }

    @ServerExceptionMapper
    Response invalidJson(JacksonException e) {
        if (e instanceof ValueInstantiationException refused) {
            return switch (refused.getCause()) {
                case ServiceException known -> any(known);
                case IllegalArgumentException invalid -> invalid(invalid.getMessage());
                case null, default -> any(e);
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
        int status = e.getResponse().getStatus();
        if (status >= 500 || DiskFull.isCauseOf(e)) {
            return any(e);
        }
        if (status < 400) {
            return e.getResponse();
        }
        // RESTEasy reports 404 for a query parameter that cannot be converted.
        if (e instanceof NotFoundException && e.getCause() instanceof Exception cause) {
            return invalid("parameter of the path or query: "
                    + (cause instanceof NumberFormatException ? "expected a whole number" : "invalid value"));
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
            case 404 -> "no resource at " + QuotedInput.of(uri.getPath());
            case 405 -> "the resource does not support this method";
            case 406 ->
                "Accept: expected a type that the resource produces, got "
                        + QuotedInput.of(headers.getHeaderString(HttpHeaders.ACCEPT));
            case 413 -> "the body of the request is larger than the service accepts";
            case 415 ->
                "Content-Type: expected a type that the resource consumes, got "
                        + QuotedInput.of(headers.getHeaderString(HttpHeaders.CONTENT_TYPE));
            default -> "invalid HTTP request";
        };
    }

    private static Response invalid(String message) {
        return Problem.of(ErrorCode.INVALID_REQUEST, message).response();
    }
}
