package dev.loupe.trainer;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * What the trainer takes from its environment: what has no place in the spec.
 *
 * @param token by which the service knows it: {@code LOUPE_REPORT_TOKEN}, or what the file
 *     {@code LOUPE_REPORT_TOKEN_FILE} holds
 * @param name of this process among those that may come to work on the attempt: {@code HOSTNAME}, which is the pod's
 * @param trace that the run belongs to: {@code TRACEPARENT}
 */
record Settings(String token, String name, Trace trace) {
    static Settings of(Map<String, String> environment) throws IOException {
        String token = environment.get("LOUPE_REPORT_TOKEN");
        String file = environment.get("LOUPE_REPORT_TOKEN_FILE");
        if (token == null && file != null) {
            token = Files.readString(Path.of(file)).strip();
        }
        if (token == null || token.isBlank()) {
            throw new IllegalArgumentException(
                    "the environment has neither LOUPE_REPORT_TOKEN nor LOUPE_REPORT_TOKEN_FILE");
        }
        return new Settings(
                token,
                Objects.requireNonNullElse(environment.get("HOSTNAME"), "trainer"),
                Trace.of(environment.get("TRACEPARENT")));
    }

    /** Says to the service who asks. */
    HttpRequest.Builder authorize(HttpRequest.Builder request) {
        return trace.addTo(request.header("Authorization", "Bearer " + token));
    }

    /** The same, for requests that are made again and again. */
    Settings unrecorded() {
        return new Settings(token, name, trace.unrecorded());
    }

    @Override
    public String toString() {
        return name; // never the token
    }
}
