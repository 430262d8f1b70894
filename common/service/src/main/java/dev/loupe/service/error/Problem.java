package dev.loupe.service.error;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import jakarta.ws.rs.core.Response;

/**
 * An RFC 9457 problem document.
 *
 * @param type always {@code about:blank}: {@code code} is the machine's word
 * @param title of the HTTP status
 * @param status HTTP status
 * @param code an {@link ErrorCode}
 * @param detail what was expected and what came
 * @param retryable whether the same request may succeed later
 */
@JsonInclude(Include.NON_NULL)
public record Problem(String type, String title, int status, String code, String detail, boolean retryable) {

    /** Media type of a problem document. */
    public static final String MEDIA_TYPE = "application/problem+json";

    static Problem of(ErrorCode code, String detail) {
        Category category = code.category();
        return new Problem(
                "about:blank",
                title(category.httpStatus()),
                category.httpStatus(),
                code.name(),
                detail,
                category.retryable());
    }

    static Problem ofStatus(int status, String detail) {
        return new Problem(
                "about:blank",
                title(status),
                status,
                status >= 500 ? ErrorCode.INTERNAL.name() : ErrorCode.INVALID_REQUEST.name(),
                detail,
                false);
    }

    Response response() {
        return Response.status(status).type(MEDIA_TYPE).entity(this).build();
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
