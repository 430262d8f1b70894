package dev.loupe.service.error;

/** Quotes a client's input in a response: short and without control characters. */
public final class QuotedInput {
    private static final int MAX_LENGTH = 100;

    private QuotedInput() {}

    /** Returns the value in single quotes, truncated to {@value #MAX_LENGTH} characters; {@code nothing} for null. */
    public static String of(Object value) {
        if (value == null) {
            return "nothing";
        }
        String text = String.valueOf(value);
        String shown = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "…";
        return "'" + shown.replaceAll("\\p{Cntrl}", "\uFFFD") + "'";
    }

    /** Shortens a message to the length that the headers of a gRPC response allow, by cutting out its middle. */
    static String shortened(String message, int longest) {
        if (message == null || message.length() <= longest) {
            return message;
        }
        int end = longest / 3;
        return message.substring(0, longest - end - 3) + " … " + message.substring(message.length() - end);
    }
}
