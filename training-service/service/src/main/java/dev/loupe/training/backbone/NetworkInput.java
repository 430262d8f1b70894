package dev.loupe.training.backbone;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Arrays;
import java.util.List;

/**
 * How images are prepared for a network.
 *
 * @param scale the input is {@code (x / scale - mean) / std} for x in 0..255
 */
public record NetworkInput(float scale, List<Float> mean, List<Float> std) {

    /** Parses the parameters of a request; throws {@code INVALID_REQUEST}. */
    public static NetworkInput parse(String scale, String mean, String std) {
        NetworkInput input = new NetworkInput(
                numbers("scale", scale, 1).getFirst(), numbers("mean", mean, 3), numbers("std", std, 3));
        if (!(input.scale() > 0) || input.std().stream().anyMatch(value -> !(value > 0))) {
            throw invalid("scale and std: expected numbers above 0, got " + scale + " and " + std);
        }
        return input;
    }

    /** The size of a request's body in bytes, -1 if the client does not send it. */
    public static long size(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length == null ? -1 : Long.parseLong(length); // the server has already rejected a non-number
    }

    private static List<Float> numbers(String field, String text, int count) {
        try {
            List<Float> numbers =
                    Arrays.stream(text.split(",", -1)).map(Float::valueOf).toList();
            if (numbers.size() == count && numbers.stream().allMatch(Float::isFinite)) {
                return numbers;
            }
        } catch (NumberFormatException _) {
            // reported below
        }
        throw invalid(field + ": expected " + count + " numbers with commas between, got '" + text + "'");
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(ErrorCode.INVALID_REQUEST, message);
    }
}
