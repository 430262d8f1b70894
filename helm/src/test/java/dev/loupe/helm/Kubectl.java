package dev.loupe.helm;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The program {@code kubectl}: {@code LOUPE_KUBECTL}, or the one on the path. Tests are skipped where there is none. */
final class Kubectl {
    private static final String PROGRAM =
            Optional.ofNullable(System.getenv("LOUPE_KUBECTL")).orElse("kubectl");

    /** What it said, with its exit code. */
    record Answer(int status, String text) {}

    private final List<String> cluster;

    private Kubectl(List<String> cluster) {
        this.cluster = cluster;
    }

    /** For what it does without a cluster. */
    static Kubectl alone() {
        return new Kubectl(List.of());
    }

    /** The configuration of the cluster that tests use; the test is skipped where none is named. */
    static Path configuration() {
        return Stream.of("LOUPE_KUBECONFIG", "KUBECONFIG")
                .map(System.getenv()::get)
                .filter(value -> value != null && !value.isBlank())
                .findFirst()
                .map(Path::of)
                .orElseGet(() -> abort("skipped: neither LOUPE_KUBECONFIG nor KUBECONFIG names a cluster"));
    }

    static Kubectl ofTheCluster() {
        return new Kubectl(List.of("--kubeconfig", configuration().toString()));
    }

    Answer run(String input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(PROGRAM));
        command.addAll(cluster);
        command.addAll(List.of(arguments));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException absent) {
            return abort("skipped: there is no kubectl: " + absent.getMessage());
        }
        try (var out = process.outputWriter(StandardCharsets.UTF_8)) {
            out.write(input);
        }
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), text);
    }

    /** What it said; it must have worked. */
    String must(String input, String... arguments) throws IOException, InterruptedException {
        Answer answer = run(input, arguments);
        if (answer.status() != 0) {
            throw new AssertionError("kubectl " + String.join(" ", arguments) + ": " + answer.text());
        }
        return answer.text();
    }
}
