package dev.loupe.service.audit.log;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import jakarta.ws.rs.QueryParam;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;

/** Which entries of the audit log a request asks for: its parameters. */
class AuditQuery {
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    @QueryParam("project")
    @Parameter(description = "only changes in this project; its name or id, of a deleted project its id")
    String project;

    @QueryParam("actor")
    @Parameter(description = "only changes by this person or token", example = "token:camera-1")
    String actor;

    @QueryParam("action")
    @Parameter(description = "only actions that begin so", example = "alias.")
    String action;

    @QueryParam("subject")
    @Parameter(description = "only subjects that begin so")
    String subject;

    @QueryParam("from")
    @Parameter(description = "only changes from this time on", example = "2026-11-20T10:00:00Z")
    String from;

    @QueryParam("to")
    @Parameter(description = "only changes before this time", example = "2026-11-21T10:00:00Z")
    String to;

    String project() {
        return project;
    }

    /** @param projects the only ones whose changes are shown; null: all */
    AuditFilter in(UUID[] projects) {
        return new AuditFilter(projects, actor, action, subject, time("from", from), time("to", to));
    }

    private static Instant time(String name, String text) {
        if (text == null) {
            return null;
        }
        try {
            Instant time = Instant.parse(text);
            if (!time.isBefore(Instant.EPOCH) && !time.isAfter(LATEST)) {
                return time;
            }
        } catch (DateTimeException _) {
            // refused below
        }
        throw new ServiceException(
                ErrorCode.INVALID_REQUEST,
                name + ": expected a time such as 2026-11-20T10:00:00Z, got " + QuotedInput.of(text));
    }
}
