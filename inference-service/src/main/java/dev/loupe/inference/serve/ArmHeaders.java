package dev.loupe.inference.serve;

import static dev.loupe.inference.serve.TensorBytes.refused;

import dev.loupe.inference.registry.Arm;
import dev.loupe.inference.runtime.ArmSelector;
import dev.loupe.oip.v2.InferParameter;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * The headers of a call that choose an arm of an alias with a candidate: HTTP headers, or gRPC metadata. Parameters of
 * these names in a request of the Open Inference Protocol v2 take precedence.
 *
 * @param key requests with the same key get the same arm; null if there is none
 * @param version {@code holder} or {@code candidate}; null if the key decides
 */
record ArmHeaders(String key, String version) {
    static final String REQUEST_KEY = "loupe-request-key";
    static final String VERSION = "loupe-version";
    /** Parameter of a response. */
    static final String ARM = "arm";

    private static final int MAX_KEY_LENGTH = 256;
    private static final ArmHeaders NONE = new ArmHeaders(null, null);
    private static final Context.Key<ArmHeaders> CALL = Context.keyWithDefault("loupe-arm", NONE);

    /** Reads the metadata of gRPC calls. */
    static final class Interceptor implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            Context context = of(name -> headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)))
                    .in(Context.current());
            return Contexts.interceptCall(context, call, headers, next);
        }
    }

    static ArmHeaders of(UnaryOperator<String> header) {
        return new ArmHeaders(header.apply(REQUEST_KEY), header.apply(VERSION));
    }

    /** Returns the context with these headers. */
    Context in(Context context) {
        return equals(NONE) ? context : context.withValue(CALL, this);
    }

    /** The selector of a call without parameters. */
    static ArmSelector selector() {
        return selector(Map.of(), "");
    }

    /**
     * The selector of a request.
     *
     * @param id id of the request, which is its key if it has none
     * @throws ServiceException {@code INVALID_REQUEST} with the expected and the actual value
     */
    static ArmSelector selector(Map<String, InferParameter> parameters, String id) {
        ArmHeaders headers = CALL.get();
        String key = text(parameters, REQUEST_KEY, headers.key());
        String version = text(parameters, VERSION, headers.version());
        if (key != null && key.length() > MAX_KEY_LENGTH) {
            throw refused(
                    "%s: expected at most %d characters, got %d".formatted(REQUEST_KEY, MAX_KEY_LENGTH, key.length()));
        }
        if (key == null || key.isEmpty()) {
            key = id.isEmpty() ? UUID.randomUUID().toString() : id;
        }
        return new ArmSelector(key, version == null || version.isEmpty() ? null : arm(version));
    }

    private static Arm arm(String version) {
        return Arm.of(version)
                .orElseThrow(() -> refused("%s: expected '%s' or '%s', got %s"
                        .formatted(VERSION, Arm.HOLDER.text(), Arm.CANDIDATE.text(), QuotedInput.of(version))));
    }

    /**
     * The value of a parameter.
     *
     * @param header value without the parameter
     * @throws ServiceException {@code INVALID_REQUEST} if it is no string
     */
    static String text(Map<String, InferParameter> parameters, String name, String header) {
        InferParameter parameter = parameters.get(name);
        if (parameter == null) {
            return header;
        }
        if (!parameter.hasStringParam()) {
            throw refused("parameter '" + name + "': expected a string, got another type");
        }
        return parameter.getStringParam();
    }
}
