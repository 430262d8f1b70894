package dev.loupe.inference.prediction;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import jakarta.ws.rs.QueryParam;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;

/** Which predictions of a log are listed: parameters of a request; null: any. */
public class PredictionFilter {
    /** Latest time that a parameter can name: an id has 48 bits for it. */
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    @QueryParam("version")
    @Parameter(description = "number of the model version")
    Integer version;

    @QueryParam("label")
    @Parameter(description = "predicted label")
    String label;

    @QueryParam("product")
    @Parameter(description = "product that the image was compared with")
    String product;

    @QueryParam("minScore")
    Double minScore;

    @QueryParam("maxScore")
    Double maxScore;

    @QueryParam("from")
    @Parameter(description = "only predictions from this time on", example = "2026-11-20T10:00:00Z")
    String from;

    @QueryParam("to")
    @Parameter(description = "only predictions before this time", example = "2026-11-21T10:00:00Z")
    String to;

    Integer version() {
        return version;
    }

    String label() {
        return label;
    }

    String product() {
        return product;
    }

    Double minScore() {
        return minScore;
    }

    Double maxScore() {
        return maxScore;
    }

    /** The least id of the predictions from the time on; null for all. */
    UUID firstId() {
        return from == null ? null : PredictionIds.first(time("from", from));
    }

    /** The least id of the predictions that are too late; null for none. */
    UUID endId() {
        return to == null ? null : PredictionIds.first(time("to", to));
    }

    /** Reads a time. */
    static Instant time(String name, String text) {
        try {
            Instant time = Instant.parse(text);
            if (time.isBefore(Instant.EPOCH) || time.isAfter(LATEST)) {
                throw invalid(name, text, null);
            }
            return time;
        } catch (DateTimeException e) {
            throw invalid(name, text, e);
        }
    }

    private static ServiceException invalid(String name, String text, Exception cause) {
        return new ServiceException(
                ErrorCode.INVALID_REQUEST,
                name + ": expected a time such as 2026-11-20T10:00:00Z, got " + QuotedInput.of(text),
                cause);
    }
}
