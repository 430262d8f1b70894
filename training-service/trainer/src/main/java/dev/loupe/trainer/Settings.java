package dev.loupe.trainer;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * Settings that the trainer reads from its environment because they do not belong in the spec.
 *
 * @param token token that authenticates the trainer to the service: {@code LOUPE_REPORT_TOKEN}, or the content of the
 *     file {@code LOUPE_REPORT_TOKEN_FILE}
 * @param name name of this process, unique among the processes of the attempt: {@code HOSTNAME}, the name of the pod
 * @param trace trace of the run: {@code TRACEPARENT}
 * @param recipes folder with jars of further recipes: {@code LOUPE_RECIPES_DIRECTORY}; null for none
 * @param tls certificates: {@code LOUPE_TLS_CA}, {@code LOUPE_TLS_CERTIFICATE}, {@code LOUPE_TLS_KEY}, {@code
 *     LOUPE_STORAGE_CA}
 */
record Settings(String token, String name, Trace trace, Path recipes, TrainerTls tls) {
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
                Trace.of(environment.get("TRACEPARENT")),
                environment.containsKey("LOUPE_RECIPES_DIRECTORY")
                        ? Path.of(environment.get("LOUPE_RECIPES_DIRECTORY"))
                        : null,
                TrainerTls.of(environment));
    }

    /** Adds the authorization and trace headers to a request. */
    HttpRequest.Builder authorize(HttpRequest.Builder request) {
        return trace.addTo(request.header("Authorization", "Bearer " + token));
    }

    /** Returns the same settings with an unrecorded trace, for requests that are repeated often. */
    Settings unrecorded() {
        return new Settings(token, name, trace.unrecorded(), recipes, tls);
    }

    @Override
    public String toString() {
        return name; // never log the token
    }
}
