package dev.loupe.helm;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Runs {@code kubectl}: {@code LOUPE_KUBECTL}, or the one on the path. Without it, tests are skipped. */
final class Kubectl {
    private static final String PROGRAM =
            Optional.ofNullable(System.getenv("LOUPE_KUBECTL")).orElse("kubectl");

    /** Exit code and output. */
    record Answer(int status, String text) {}

    private final List<String> cluster;

    private Kubectl(List<String> cluster) {
        this.cluster = cluster;
    }

    /** Returns a kubectl for commands that need no cluster. */
    static Kubectl alone() {
        return new Kubectl(List.of());
    }

    /** Returns the kubeconfig of the test cluster; without one, the test is skipped. */
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
            return abort("skipped: kubectl is missing: " + absent.getMessage());
        }
        try (var out = process.outputWriter(StandardCharsets.UTF_8)) {
            out.write(input);
        }
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), text);
    }

    /** Runs a command that must succeed, and returns its output. */
    String must(String input, String... arguments) throws IOException, InterruptedException {
        Answer answer = run(input, arguments);
        if (answer.status() != 0) {
            throw new AssertionError("kubectl " + String.join(" ", arguments) + ": " + answer.text());
        }
        return answer.text();
    }
}
