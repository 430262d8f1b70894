package dev.loupe.client;

import io.grpc.Status;
import java.util.Set;

/** The gRPC server refused a prediction, or did not answer. */
public final class PredictionException extends ClientException {
    private static final long serialVersionUID = 1L;
    /** What another image would get, too. */
    private static final Set<Status.Code> OF_THE_SERVER = Set.of(
            Status.Code.UNAVAILABLE,
            Status.Code.NOT_FOUND,
            Status.Code.UNIMPLEMENTED,
            Status.Code.UNAUTHENTICATED,
            Status.Code.PERMISSION_DENIED,
            Status.Code.FAILED_PRECONDITION);

    private final String reason;
    private final Status.Code code;

    PredictionException(String target, Status status, Throwable cause) {
        super("gRPC " + target + ": " + reason(status), cause);
        this.reason = reason(status);
        this.code = status.getCode();
    }

    private static String reason(Status status) {
        String words = status.getDescription() == null ? "" : status.getDescription();
        // A request has one image, and the caller knows its file name.
        return words.replaceFirst("^image 0:? ", "") + (words.isEmpty() ? "" : " ") + "(" + status.getCode() + ")";
    }

    /** What the server said, and its gRPC status. */
    public String reason() {
        return reason;
    }

    /** Whether it is of this image, and another one may do. */
    public boolean isOfTheImage() {
        return !OF_THE_SERVER.contains(code);
    }
}
