package dev.loupe.service.error;

/** What a client sent, as an answer repeats it: quoted, short and without control characters. */
public final class Echo {
    private static final int LONGEST = 100;

    private Echo() {}

    /** The value in single quotes, at most its first {@value #LONGEST} characters; {@code nothing} for null. */
    public static String of(Object value) {
        if (value == null) {
            return "nothing";
        }
        String text = String.valueOf(value);
        String shown = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
        return "'" + shown.replaceAll("\\p{Cntrl}", "\uFFFD") + "'";
    }

    /** A message that is at most as long as the headers of a gRPC answer permit: what is cut out is in its middle. */
    static String shortened(String message, int longest) {
        if (message == null || message.length() <= longest) {
            return message;
        }
        int end = longest / 3;
        return message.substring(0, longest - end - 3) + " … " + message.substring(message.length() - end);
    }
}
