package dev.loupe.inference.serve;

import dev.loupe.inference.runtime.PredictionConfig;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.regex.Pattern;

/**
 * Reserves memory for the predictions that arrive over HTTP before their bodies are read, and limits the bodies of all
 * other requests, which are read without a reservation.
 */
@ApplicationScoped
class HttpAdmission {
    /** Header of the Open Inference Protocol: bytes of the JSON; binary tensors follow it. */
    static final String JSON_LENGTH = "Inference-Header-Content-Length";

    private static final Pattern INFER = Pattern.compile("/v2/models/[^/]+(/versions/[^/]+)?/infer");
    private static final Pattern PREDICT = Pattern.compile("/api/v1/models/[^/]+/predict");
    /** Most bytes in the body of a request that is not a prediction. */
    private static final long MAX_OTHER_BODY = 64 << 10;
    /** Values that are parsed from JSON take up to four times its bytes: a number of two characters is a float. */
    static final int PARSED = 4;
    /** After the check of the request's origin, before Quarkus' own filters. */
    private static final int PRIORITY = 900;

    private final MessageBudget budget;
    private final PredictionConfig predictions;
    private final ConnectionConfig connections;

    HttpAdmission(MessageBudget budget, PredictionConfig predictions, ConnectionConfig connections) {
        this.budget = budget;
        this.predictions = predictions;
        this.connections = connections;
    }

    void register(@Observes Filters filters) {
        filters.register(this::admit, PRIORITY);
    }

    private void admit(RoutingContext context) {
        HttpServerRequest request = context.request();
        String path = request.path() == null ? "" : request.path();
        boolean infer = INFER.matcher(path).matches();
        long announced = length(request, HttpHeaders.CONTENT_LENGTH.toString());
        if (infer || PREDICT.matcher(path).matches()) {
            long max = predictions.maxMessageSize().asLongValue();
            long body = announced < 0 ? max : Math.min(announced, max);
            long json = infer ? length(request, JSON_LENGTH) : 0;
            // A compressed body reserves what it becomes while it is decompressed.
            long parsed = isCompressed(request) ? 0 : PARSED * (json < 0 ? body : Math.min(json, body));
            HttpCall.register(context, budget, max, connections.receiveTimeout(), body + parsed);
            context.next();
        } else if (announced > MAX_OTHER_BODY) {
            context.fail(413);
        } else if (announced < 0 && request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null) {
            context.fail(411);
        } else {
            context.next();
        }
    }

    private static boolean isCompressed(HttpServerRequest request) {
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        return encoding != null && !encoding.equals(HttpCall.IDENTITY);
    }

    /** The value of a header that has a number of bytes; -1 if there is none, or it is not a number. */
    static long length(HttpServerRequest request, String header) {
        String value = request.getHeader(header);
        return value != null && value.matches("\\d{1,18}") ? Long.parseLong(value) : -1;
    }
}
