package dev.loupe.service.audit;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.util.List;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Who makes a request, according to its header. Each service rejects a header that cannot be stored, for any request.
 */
public final class Actor {
    /** Name of the request header. */
    public static final String HEADER = "X-Loupe-Actor";

    /** Actor of requests without the header. */
    public static final String DEFAULT = "local";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][\\x20-\\x7e]{0,99}");

    private Actor() {}

    static class Filter {
        @ServerRequestFilter
        void check(ContainerRequestContext request) {
            List<String> values = request.getHeaders().get(HEADER);
            if (values == null) {
                return;
            }
            if (values.size() > 1 || !NAME.matcher(values.getFirst()).matches()) {
                throw new ServiceException(
                        ErrorCode.INVALID_REQUEST,
                        HEADER + ": expected 1 to 100 printable ASCII characters beginning with a letter or digit, got "
                                + (values.size() > 1 ? values.size() + " headers" : QuotedInput.of(values.getFirst())));
            }
        }
    }
}
