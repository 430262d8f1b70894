package dev.loupe.service.error;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Map;

/**
 * An RFC 9457 problem document.
 *
 * @param type always {@code about:blank}; machines use {@code code}
 * @param title title of the HTTP status
 * @param status HTTP status
 * @param code name of an {@link ErrorCode}
 * @param detail the error, with the expected and the actual value
 * @param retryable whether the same request may succeed later
 * @param members further members of the document
 */
@JsonInclude(Include.NON_NULL)
public record Problem(
        String type,
        String title,
        int status,
        String code,
        String detail,
        boolean retryable,
        @JsonAnyGetter Map<String, Object> members) {

    /** Media type of a problem document. */
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final int MAX_DETAIL_LENGTH = 1000;

    public Problem {
        detail = QuotedInput.shortened(detail, MAX_DETAIL_LENGTH);
    }

    public static Problem of(ErrorCode code, String detail) {
        return of(code, detail, Map.of());
    }

    static Problem of(ErrorCode code, String detail, Map<String, Object> members) {
        Category category = code.category();
        return new Problem(
                "about:blank",
                title(category.httpStatus()),
                category.httpStatus(),
                code.name(),
                detail,
                category.retryable(),
                members);
    }

    static Problem ofStatus(int status, String detail) {
        ErrorCode code = status >= 500
                ? ErrorCode.INTERNAL
                : status == 413 ? ErrorCode.REQUEST_TOO_LARGE : ErrorCode.INVALID_REQUEST;
        return new Problem("about:blank", title(status), status, code.name(), detail, false, Map.of());
    }

    Response response() {
        Response.ResponseBuilder answer =
                Response.status(status).type(MEDIA_TYPE).entity(this);
        if (retryable && status != 404) {
            answer.header(HttpHeaders.RETRY_AFTER, members.getOrDefault(ServiceException.RETRY_AFTER, 1));
        }
        if (status == Response.Status.UNAUTHORIZED.getStatusCode()) {
            answer.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
        return answer.build();
    }

    private static String title(int status) {
        Response.Status known = Response.Status.fromStatusCode(status);
        return switch (status) {
            case 422 -> "Unprocessable Content";
            case 507 -> "Insufficient Storage";
            default -> known == null ? "Error" : known.getReasonPhrase();
        };
    }
}
