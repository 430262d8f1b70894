package dev.loupe.console;

import java.net.URI;
import java.net.URISyntaxException;

/** The page that a person comes back to after the login: one of the console itself. */
final class ReturnPath {
    private static final String HOME = "/";
    private static final int LONGEST = 1_000;

    private ReturnPath() {}

    /** Returns the path with its query if it is one of a page of the console, else that of the first page. */
    static String of(String asked) {
        // Browsers read a backslash as a slash: both lead to another host at the second place.
        if (asked == null || asked.length() > LONGEST || !asked.matches("/(?![/\\\\])[\\x21-\\x7e&&[^\\\\]]*")) {
            return HOME;
        }
        try {
            URI uri = new URI(asked);
            boolean page = uri.getRawAuthority() == null && !uri.getPath().matches("/(login|auth|api|q|v2)(/.*)?");
            return page ? asked : HOME;
        } catch (URISyntaxException _) {
            return HOME;
        }
    }
}
