package dev.loupe.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Third-party programs, which may be absent; a test that needs one that is absent is skipped. They are in the folder
 * that {@code LOUPE_TOOLS} names, by default {@code ~/.cache/loupe-tools}.
 */
public final class ThirdPartyPrograms {
    private static final Path TOOLS = Path.of(Optional.ofNullable(System.getenv("LOUPE_TOOLS"))
            .orElse(System.getProperty("user.home") + "/.cache/loupe-tools"));

    private ThirdPartyPrograms() {}

    /** Python with this module; skips the test if there is none. */
    public static Path python(String module) throws Exception {
        return python("venv", module);
    }

    /** A Python of this virtual environment that has the module; skips the test if there is none. */
    public static Path python(String environment, String module) throws Exception {
        Optional<Path> python = findPython(environment, module);
        assumeTrue(
                python.isPresent(), "skipped: there is no Python with " + module + " at " + TOOLS.resolve(environment));
        return python.get();
    }

    /** A Python of this virtual environment that has the module, empty if there is none. */
    public static Optional<Path> findPython(String environment, String module) throws Exception {
        Path python = TOOLS.resolve(environment).resolve("bin/python");
        boolean has = Files.isExecutable(python)
                && new ProcessBuilder(python.toString(), "-c", "import " + module)
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start()
                                .waitFor()
                        == 0;
        return has ? Optional.of(python) : Optional.empty();
    }

    /** Path of a program; skips the test if it is absent. */
    public static Path program(String name) {
        Path program = TOOLS.resolve("bin").resolve(name);
        assumeTrue(Files.isExecutable(program), "skipped: there is no " + name + " at " + program);
        return program;
    }

    /** Whether a command runs in a folder and succeeds; if not, its output is printed. */
    public static boolean succeeds(Path folder, List<String> command) throws Exception {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException absent) {
            return false;
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() == 0) {
            return true;
        }
        System.out.println(command + ":\n" + output);
        return false;
    }

    /** Runs a command, and returns its output after it has succeeded. */
    public static String output(List<String> command) throws Exception {
        return finished(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /** Returns the output of a process after it has succeeded. */
    public static String finished(Process process) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), output);
        assertEquals(0, process.exitValue(), output);
        return output;
    }
}
