package dev.loupe.tests.path;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The Python programs of {@code tests/bench}, in the virtual environments that its {@code peers.sh} has installed. */
final class PythonPeers {
    private static final Path PROGRAMS = Path.of("bench").toAbsolutePath();
    private static final Path ENVIRONMENTS = Path.of("target/serving-peers").toAbsolutePath();

    private PythonPeers() {}

    /**
     * Why a peer can't be run.
     *
     * @return empty if it can
     */
    static Optional<String> missing(String environment) throws IOException {
        if (Files.exists(ENVIRONMENTS.resolve(environment).resolve("loupe-requirements.txt"))) {
            return Optional.empty();
        }
        Path log = ENVIRONMENTS.resolve(environment + ".log");
        return Optional.of(
                Files.exists(log)
                        ? "can't be installed: " + lastLine(log)
                        : "is not installed; tests/bench/peers.sh installs it");
    }

    /** The builder of a process that runs a program with these arguments. */
    static ProcessBuilder program(String environment, String program, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                ENVIRONMENTS.resolve(environment).resolve("bin/python").toString(),
                PROGRAMS.resolve(program).toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        return builder;
    }

    /** The last line of a text that is not blank. */
    static String lastLine(Path file) throws IOException {
        return Files.readString(file)
                .lines()
                .filter(line -> !line.isBlank())
                .reduce((_, last) -> last)
                .orElse("no reason in " + file);
    }
}
