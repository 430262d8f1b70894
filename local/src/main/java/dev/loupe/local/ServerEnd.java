package dev.loupe.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Says why a server's process ended. */
final class ServerEnd {
    /** Of the JVM with -XX:+ExitOnOutOfMemoryError. */
    private static final int OUT_OF_MEMORY = 3;

    private static final int SIGNAL = 128;
    private static final int KILLED = 9;
    private static final Map<Integer, String> SIGNALS = Map.of(
            1, "SIGHUP", 2, "SIGINT", 4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", KILLED, "SIGKILL", 11,
            "SIGSEGV", 15, "SIGTERM");
    private static final String ERROR = "java.lang.OutOfMemoryError";

    private ServerEnd() {}

    /**
     * @param exitCode as {@link Process#exitValue()} gives it: 128 and the signal's number for a killed process
     * @param log what the process wrote
     * @param kernelKilled processes that the kernel has killed for want of memory since this one started
     */
    static String reason(int exitCode, Path log, long kernelKilled) {
        if (exitCode == OUT_OF_MEMORY) {
            return lines(log).stream()
                    .filter(line -> line.contains(ERROR))
                    .reduce((_, last) -> last)
                    .map(line -> "out of memory ("
                            + line.substring(line.indexOf(ERROR) + ERROR.length())
                                    .replaceFirst("^[: ]+", "")
                            + ")")
                    .orElseGet(() -> told(exitCode, log));
        }
        if (exitCode > SIGNAL) {
            int signal = exitCode - SIGNAL;
            String name = "killed by signal " + signal
                    + (SIGNALS.containsKey(signal) ? " (" + SIGNALS.get(signal) + ")" : "");
            return signal == KILLED && kernelKilled > 0
                    ? name + ": the machine ran out of memory, and the kernel kills processes then"
                    : name;
        }
        return told(exitCode, log);
    }

    private static String told(int exitCode, Path log) {
        String words = ProblemLog.lastWords(log);
        return "exit code " + exitCode
                + (words.isBlank() ? "" : " (" + words.lines().toList().getLast() + ")");
    }

    private static List<String> lines(Path log) {
        try {
            return Files.readAllLines(log);
        } catch (IOException unreadable) {
            return List.of();
        }
    }

    /** Processes that the kernel has killed for want of memory since it booted; 0 where it does not tell. */
    static long kernelKilled() {
        return lines(Path.of("/proc/vmstat")).stream()
                .filter(line -> line.startsWith("oom_kill "))
                .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length())))
                .findFirst()
                .orElse(0);
    }
}
