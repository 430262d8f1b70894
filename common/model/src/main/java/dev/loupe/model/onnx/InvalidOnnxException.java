package dev.loupe.model.onnx;

/** A file cannot be used as an ONNX model or backbone. The message says what is wrong and what is expected. */
public final class InvalidOnnxException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public InvalidOnnxException(String message) {
        super(message);
    }

    public InvalidOnnxException(String message, Throwable cause) {
        super(message, cause);
    }
}
