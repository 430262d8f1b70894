package dev.loupe.inference.conformance;

import io.grpc.StatusRuntimeException;

/**
 * One case of the conformance suite of the Open Inference Protocol.
 *
 * @param group heading of the page
 * @param name what is called
 * @param expected what the protocol, or Triton where the protocol says nothing, does
 * @param outcome what Loupe does: {@code OK}, or the status and the code of the error
 * @param call makes the call, asserts what is expected of a response, and returns the outcome
 */
record ConformanceCase(String group, String name, String expected, String outcome, Call call) {
    static final String NO_MODEL = "NOT_FOUND MODEL_NOT_FOUND";
    static final String NO_VERSION = "NOT_FOUND MODEL_VERSION_NOT_FOUND";
    static final String INVALID = "INVALID_ARGUMENT INVALID_REQUEST";

    /** A call to a running service. */
    interface Call {
        String outcome(ConformanceServer server) throws Exception;
    }

    /** A call that asserts what is expected of its response. */
    interface Success {
        void call(ConformanceServer server) throws Exception;
    }

    static ConformanceCase ok(String group, String name, String expected, Success success) {
        return new ConformanceCase(group, name, expected, "OK", server -> {
            success.call(server);
            return "OK";
        });
    }

    /** A call over gRPC that is refused with this status and code. */
    static ConformanceCase refused(String group, String name, String outcome, Success call) {
        return new ConformanceCase(group, name, "refused", outcome, server -> {
            try {
                call.call(server);
                return "OK";
            } catch (StatusRuntimeException e) {
                return ConformanceServer.outcome(e);
            }
        });
    }

    /** This case with other words for what is expected. */
    ConformanceCase expecting(String other) {
        return new ConformanceCase(group, name, other, outcome, call);
    }

    @Override
    public String toString() {
        return group + ": " + name;
    }
}
