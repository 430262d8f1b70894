package dev.loupe.service.error;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import dev.loupe.storage.StorageException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Renders whatever a resource throws as a problem document. No client sees a stack trace or a class name. */
class ProblemMappers {
    private static final Logger LOG = Logger.getLogger("dev.loupe.service.error");
    /** SQLSTATE of a text with a NUL, the one character of Java's that PostgreSQL doesn't know. */
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
        return Problem.of(ErrorCode.INVALID_REQUEST, describe(e)).response();
    }

    /** Named by its own class, because Quarkus brings a mapper for it. */
    @ServerExceptionMapper
    Response mismatchedJson(MismatchedInputException e) {
        return invalidJson(e);
    }

    @ServerExceptionMapper
    Response invalidArgument(IllegalArgumentException e) {
        LOG.debug("refused", e);
        return Problem.of(ErrorCode.INVALID_REQUEST, String.valueOf(e.getMessage()))
                .response();
    }

    @ServerExceptionMapper
    Response http(WebApplicationException e) {
        Throwable cause = e.getCause();
        if (cause instanceof JacksonException json) {
            return invalidJson(json);
        }
        int status = e.getResponse().getStatus();
        if (status < 400) {
            return e.getResponse();
        }
        return Problem.ofStatus(status, e.getMessage()).response();
    }

    @ServerExceptionMapper
    Response storage(StorageException e) {
        LOG.error(e.getMessage(), e);
        return Problem.of(ErrorCode.STORAGE_UNAVAILABLE, "object storage does not answer as it should; try again later")
                .response();
    }

    @ServerExceptionMapper
    Response anythingElse(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && isConnectionLoss(sql)) {
                LOG.warn("database: " + sql.getMessage());
                return Problem.of(
                                ErrorCode.DATABASE_UNAVAILABLE,
                                "the database does not answer at the moment; try again later")
                        .response();
            }
            if (cause instanceof SQLException sql && NO_CHARACTER.equals(sql.getSQLState())) {
                return Problem.of(ErrorCode.INVALID_REQUEST, "expected text without the character U+0000")
                        .response();
            }
        }
        LOG.error("unexpected", e);
        return Problem.of(ErrorCode.INTERNAL, "something went wrong on the server; its log says what")
                .response();
    }

    /** SQLSTATE classes 08 (connection), 53 (resources), 57 (operator), and a pool without a connection to give. */
    private static boolean isConnectionLoss(SQLException e) {
        String state = e.getSQLState();
        return state == null || state.startsWith("08") || state.startsWith("53") || state.startsWith("57");
    }

    private static String describe(JacksonException e) {
        return switch (e) {
            case UnrecognizedPropertyException unknown ->
                "unknown field '" + unknown.getPropertyName() + "', expected one of "
                        + unknown.getKnownPropertyIds().stream()
                                .map(String::valueOf)
                                .sorted()
                                .toList();
            case InvalidFormatException format -> field(format) + ": not acceptable: '" + format.getValue() + "'";
            case ValueInstantiationException refused
            when refused.getCause() != null -> refused.getCause().getMessage();
            case JsonMappingException mapping -> field(mapping) + ": " + firstLine(mapping.getOriginalMessage());
            default -> "not valid JSON: " + firstLine(e.getOriginalMessage());
        };
    }

    private static String field(JsonMappingException e) {
        return e.getPath().stream()
                .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
                .collect(Collectors.joining("."));
    }

    private static String firstLine(String message) {
        return message == null
                ? ""
                : message.lines().findFirst().orElse("").replaceAll("`?[a-z]+(\\.\\w+)+[\\w$.]*`?", "this");
    }
}
